#include "wasi/errno.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <set>

namespace brink::wasi {
namespace {

TEST(Errno, NumbersAreThoseOfPreview1) {
  EXPECT_EQ(static_cast<int>(from_host(ENOENT)), 44);
  EXPECT_EQ(static_cast<int>(from_host(EACCES)), 2);
  EXPECT_EQ(static_cast<int>(from_host(ENOTDIR)), 54);
  EXPECT_EQ(static_cast<int>(from_host(EXDEV)), 75);
  EXPECT_EQ(static_cast<int>(from_host(EWOULDBLOCK)), 6);
}

TEST(Errno, EveryGuestNumberButSuccessAndNotcapableHasAHostOne) {
  std::set<Errno> reached;
  for (int host = 1; host < 200; ++host) reached.insert(from_host(host));
  for (int guest = 1; guest < static_cast<int>(Errno::notcapable); ++guest) {
    EXPECT_TRUE(reached.contains(static_cast<Errno>(guest))) << guest;
  }
}

TEST(Errno, AnUnknownHostNumberIsAnInputOutputError) {
  EXPECT_EQ(from_host(0), Errno::io);
  EXPECT_EQ(from_host(-1), Errno::io);
  EXPECT_EQ(from_host(ENOMEDIUM), Errno::io);
  EXPECT_EQ(from_host(100'000), Errno::io);
}

}  // namespace
}  // namespace brink::wasi
