#include "module/cursor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "module/test_module.h"

namespace brink::module {
namespace {

using testing::Bytes;
using testing::bytes_of;

Cursor over(const Bytes& bytes) { return {bytes, {0, bytes.size()}}; }

TEST(Cursor, ReadsUnsignedNumbersUpToTheirWidth) {
  const Bytes bytes =
      bytes_of({0x00, 0x7F, 0x80, 0x01, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 0x80, 0x80, 0x00});
  Cursor at = over(bytes);
  EXPECT_EQ(*at.u32(), 0U);
  EXPECT_EQ(*at.u32(), 127U);
  EXPECT_EQ(*at.u32(), 128U);
  EXPECT_EQ(*at.u32(), 0xFFFF'FFFFU);
  EXPECT_EQ(*at.u32(), 0U) << "longer than needed is legal";
  EXPECT_TRUE(at.at_end());
}

TEST(Cursor, RefusesUnsignedNumbersThatAreTooLongOrTooLarge) {
  for (const Bytes& bytes :
       {bytes_of({0xFF, 0xFF, 0xFF, 0xFF, 0x1F}), bytes_of({0x80, 0x80, 0x80, 0x80, 0x80, 0x00}),
        bytes_of({0x80, 0x80})}) {
    Cursor at = over(bytes);
    EXPECT_FALSE(at.u32());
  }
}

TEST(Cursor, ReadsSignedNumbersWithTheirSign) {
  const Bytes bytes = bytes_of({0x7F, 0x40, 0x3F, 0x80, 0x80, 0x80, 0x80, 0x78, 0xFF, 0x00});
  Cursor at = over(bytes);
  EXPECT_EQ(*at.s32(), -1);
  EXPECT_EQ(*at.s32(), -64);
  EXPECT_EQ(*at.s32(), 63);
  EXPECT_EQ(*at.s32(), std::numeric_limits<std::int32_t>::min());
  EXPECT_EQ(*at.s64(), 127);
}

TEST(Cursor, RefusesSignedNumbersWithBitsThatAreNoSignExtension) {
  // The fifth byte of an s32 has four useful bits; the three above must agree.
  for (const int last : {0x08, 0x70, 0x3F, 0x47}) {
    const Bytes bytes = bytes_of({0x80, 0x80, 0x80, 0x80, last});
    Cursor at = over(bytes);
    EXPECT_FALSE(at.s32()) << last;
  }
  const Bytes wide = bytes_of({0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01});
  Cursor at = over(wide);
  EXPECT_FALSE(at.s64());
}

TEST(Cursor, ReadsWhatTheWriterWrites) {
  Writer out;
  const std::int64_t values[] = {0,
                                 1,
                                 -1,
                                 63,
                                 64,
                                 -64,
                                 -65,
                                 1LL << 40,
                                 -(1LL << 40),
                                 std::numeric_limits<std::int64_t>::max(),
                                 std::numeric_limits<std::int64_t>::min()};
  for (const std::int64_t value : values) {
    out.signed_number(value);
    out.unsigned_number(static_cast<std::uint64_t>(value));
  }
  const Bytes bytes = std::move(out).take();
  Cursor at = over(bytes);
  for (const std::int64_t value : values) {
    EXPECT_EQ(*at.s64(), value);
    EXPECT_EQ(*at.u64(), static_cast<std::uint64_t>(value));
  }
}

TEST(Cursor, RefusesACountThatTheBytesCannotHold) {
  const Bytes bytes = bytes_of({5, 1, 2, 3});
  Cursor at = over(bytes);
  const auto count = at.count();
  ASSERT_FALSE(count);
  EXPECT_EQ(count.error().message, "at byte 0: 5 entries announced, 3 bytes left");
}

TEST(Cursor, StaysInItsPart) {
  const Bytes bytes = bytes_of({1, 2, 3, 4});
  Cursor at(bytes, {1, 2});
  EXPECT_EQ(*at.byte(), 2);
  EXPECT_EQ(at.offset(), 2U);
  EXPECT_FALSE(at.skip(2));
  EXPECT_EQ(*at.byte(), 3);
  EXPECT_FALSE(at.byte());
  EXPECT_EQ(at.peek(), -1);
}

TEST(Cursor, ReadsReferencesWithTheirHeapType) {
  const Bytes bytes = bytes_of({0x63, 0x05, 0x64, 0x70, 0x6F, 0x7B, 0x60});
  Cursor at = over(bytes);
  EXPECT_EQ(*at.value_type(), (ValueType{0x63, 5}));
  EXPECT_EQ(*at.value_type(), (ValueType{0x64, -16}));
  EXPECT_EQ(*at.value_type(), kExternref);
  EXPECT_EQ(*at.value_type(), kV128);
  EXPECT_FALSE(at.value_type());
}

TEST(Printable, ShortensAndEscapesForeignNames) {
  EXPECT_EQ(printable("a\nb\x1b[31m\xff"), "a?b?[31m?");
  EXPECT_EQ(printable(std::string(200, 'x')).size(), 83U);
}

}  // namespace
}  // namespace brink::module
