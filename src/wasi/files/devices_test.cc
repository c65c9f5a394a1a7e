#include "wasi/files/devices.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "wasi/files/open_file.h"

namespace brink::wasi::files {
namespace {

TEST(Devices, NullIsEmptyAndSwallows) {
  std::string bytes = "abc";
  const iovec piece{.iov_base = bytes.data(), .iov_len = bytes.size()};
  EXPECT_EQ(*read_device(Device::null, {&piece, 1}), 0U);
  EXPECT_EQ(*write_device(Device::null, {&piece, 1}), 3U);
  EXPECT_EQ(bytes, "abc");
}

TEST(Devices, ZeroFillsEveryPiece) {
  std::string first = "abc";
  std::string second = "defg";
  const std::array pieces = {iovec{first.data(), first.size()}, iovec{nullptr, 0},
                             iovec{second.data(), second.size()}};
  EXPECT_EQ(*read_device(Device::zero, pieces), 7U);
  EXPECT_EQ(first + second, std::string(7, '\0'));
}

TEST(Devices, RandomBytesDiffer) {
  std::string first(64, '\0');
  std::string second(64, '\0');
  for (std::string* to : {&first, &second}) {
    const iovec piece{.iov_base = to->data(), .iov_len = to->size()};
    EXPECT_EQ(*read_device(Device::urandom, {&piece, 1}), 64U);
  }
  EXPECT_NE(first, second);
}

TEST(Devices, ReadsAreBounded) {
  std::string bytes(kMaxTransfer + 100, 'x');
  const iovec piece{.iov_base = bytes.data(), .iov_len = bytes.size()};
  EXPECT_EQ(*read_device(Device::zero, {&piece, 1}), kMaxTransfer);
  EXPECT_EQ(bytes[kMaxTransfer], 'x');
}

TEST(Devices, StandardStreamsBelongToTheCaller) {
  EXPECT_EQ(read_device(Device::stdin_, {}).error(), Errno::badf);
  EXPECT_EQ(write_device(Device::stdout_, {}).error(), Errno::badf);
}

}  // namespace
}  // namespace brink::wasi::files
