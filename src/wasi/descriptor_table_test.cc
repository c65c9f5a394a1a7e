#include "wasi/descriptor_table.h"

#include <gtest/gtest.h>

#include "wasi/file_description.h"
#include "wasi/testing/guest.h"

namespace brink::wasi {
namespace {

Descriptor null_device() {
  return {std::make_shared<DeviceDescription>(files::Device::null, std::uint16_t{0}), kDeviceRights,
          Rights(), std::nullopt};
}

TEST(DescriptorTable, HandsOutTheLowestFreeNumber) {
  DescriptorTable table(10);
  EXPECT_EQ(table.add(null_device()), 0u);
  EXPECT_EQ(table.add(null_device()), 1u);
  EXPECT_EQ(table.add(null_device()), 2u);
  EXPECT_TRUE(table.close(1, kStandard));
  EXPECT_TRUE(table.close(0, kStandard));
  EXPECT_EQ(table.add(null_device()), 0u);
  EXPECT_EQ(table.add(null_device()), 1u);
  EXPECT_EQ(table.add(null_device()), 3u);
}

TEST(DescriptorTable, CanStartAtAHigherNumber) {
  DescriptorTable table(10);
  EXPECT_EQ(table.add(null_device(), 5), 5u);
  EXPECT_EQ(table.add(null_device(), 5), 6u);
  EXPECT_EQ(table.add(null_device()), 0u);
}

TEST(DescriptorTable, StopsAtItsLimit) {
  DescriptorTable table(2);
  EXPECT_EQ(table.add(null_device()), 0u);
  EXPECT_FALSE(table.full());
  EXPECT_EQ(table.add(null_device()), 1u);
  EXPECT_TRUE(table.full());
  EXPECT_EQ(table.add(null_device()).error(), Errno::mfile);
  EXPECT_EQ(table.add(null_device(), ~0u).error(), Errno::mfile);
  EXPECT_TRUE(table.close(0, kStandard));
  EXPECT_EQ(table.add(null_device()), 0u);
}

TEST(DescriptorTable, KnowsWhatIsNotOpen) {
  DescriptorTable table(10);
  EXPECT_EQ(table.find(0), nullptr);
  EXPECT_EQ(table.find(~0u), nullptr);
  EXPECT_EQ(table.close(3, kStandard).error(), Errno::badf);
  EXPECT_EQ(table.close(~0u, kStandard).error(), Errno::badf);
}

TEST(DescriptorTable, MovesInTheStandard) {
  DescriptorTable table(10);
  (void)table.add(null_device());
  (void)table.add(null_device());
  const OpenDescription* moved = table.find(0)->open.get();
  EXPECT_TRUE(table.renumber(0, 1, kStandard));
  EXPECT_EQ(table.find(0), nullptr);
  EXPECT_EQ(table.find(1)->open.get(), moved);
  EXPECT_EQ(table.open_count(), 1u);
  EXPECT_EQ(table.renumber(1, 5, kStandard).error(), Errno::badf) << "the target is not open";
}

TEST(DescriptorTable, CopiesInWasixToAnyNumber) {
  DescriptorTable table(10);
  (void)table.add(null_device());
  EXPECT_TRUE(table.renumber(0, 5, kWasix));
  EXPECT_EQ(table.find(0)->open, table.find(5)->open);
  EXPECT_EQ(table.open_count(), 2u);
  EXPECT_EQ(table.renumber(0, 10, kWasix).error(), Errno::badf) << "beyond the limit";
  EXPECT_EQ(table.renumber(0, ~0u, kWasix).error(), Errno::badf);
}

TEST(DescriptorTable, RenumberingToItselfChangesNothing) {
  for (const AbiProfile& profile : {kStandard, kWasix}) {
    DescriptorTable table(10);
    (void)table.add(null_device());
    EXPECT_TRUE(table.renumber(0, 0, profile));
    EXPECT_NE(table.find(0), nullptr);
    EXPECT_EQ(table.open_count(), 1u);
    EXPECT_EQ(table.renumber(1, 1, profile).error(), Errno::badf);
  }
}

TEST(DescriptorTable, PreopensStayOpenInWasixOnly) {
  DescriptorTable table(10);
  Descriptor preopen = null_device();
  preopen.preopen = "/";
  (void)table.add(preopen);
  (void)table.add(null_device());
  EXPECT_TRUE(table.close(0, kWasix));
  EXPECT_NE(table.find(0), nullptr);
  EXPECT_EQ(table.renumber(1, 0, kWasix).error(), Errno::notsup);
  EXPECT_TRUE(table.renumber(1, 0, kStandard));
  EXPECT_FALSE(table.find(0)->preopen) << "it is now what it was renumbered from";
  EXPECT_TRUE(table.close(0, kStandard));
  EXPECT_EQ(table.find(0), nullptr);
}

TEST(DescriptorTable, ACopyOfAPreopenIsAnOrdinaryDescriptor) {
  DescriptorTable table(10);
  Descriptor preopen = null_device();
  preopen.preopen = "/";
  (void)table.add(preopen);
  EXPECT_TRUE(table.renumber(0, 7, kWasix));
  EXPECT_FALSE(table.find(7)->preopen);
  EXPECT_TRUE(table.find(0)->preopen);
}

}  // namespace
}  // namespace brink::wasi
