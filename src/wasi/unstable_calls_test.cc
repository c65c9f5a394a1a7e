#include <gtest/gtest.h>

#include "wasi/testing/guest.h"
#include "wasi/unstable_types.h"

namespace brink::wasi::testing {
namespace {

TEST(Unstable, SeeksFromTheOldWhence) {
  Guest guest;
  guest.directory.write("file", "0123456789");
  const auto fd = guest.open("file");
  const auto result = guest.room(8);
  const auto seek = [&](std::int64_t delta, std::uint32_t whence) {
    EXPECT_EQ(guest.call("wasi_unstable.fd_seek", fd, delta, whence, result), Errno::success);
    return guest.at<std::uint64_t>(result);
  };
  EXPECT_EQ(seek(3, 2), 3u);
  EXPECT_EQ(seek(4, 0), 7u);
  EXPECT_EQ(seek(-1, 1), 9u);
  EXPECT_EQ(guest.call("wasi_unstable.fd_seek", fd, std::int64_t{0}, 3, result), Errno::inval);
}

TEST(Unstable, StatHasFourBytesOfLinks) {
  Guest guest;
  guest.directory.write("file", "12345");
  const auto fd = guest.open("file");
  const auto old = guest.room(64);
  const auto path = guest.put("file");
  const auto now = guest.room(64);
  ASSERT_EQ(guest.call("fd_filestat_get", fd, now), Errno::success);
  const auto expected = guest.at<GuestFilestat>(now);
  for (const bool by_path : {false, true}) {
    const Errno error = by_path ? guest.call("wasi_unstable.path_filestat_get", 3, 1, path, 4, old)
                                : guest.call("wasi_unstable.fd_filestat_get", fd, old);
    ASSERT_EQ(error, Errno::success);
    const auto stat = guest.at<UnstableFilestat>(old);
    EXPECT_EQ(stat.inode, expected.inode);
    EXPECT_EQ(stat.type, FileType::regular_file);
    EXPECT_EQ(stat.links, 1u);
    EXPECT_EQ(stat.size, 5u);
    EXPECT_EQ(stat.modified, expected.modified);
    EXPECT_EQ(stat.changed, expected.changed);
    EXPECT_EQ(guest.text(old + 56, 1), "\xAA") << "no more than 56 bytes";
  }
}

TEST(Unstable, PollsWithItsOwnSubscriptions) {
  Guest guest;
  UnstableSubscription subscriptions[2] = {};
  subscriptions[0].userdata = 7;
  subscriptions[0].tag = static_cast<std::uint8_t>(EventType::clock);
  subscriptions[0].identifier = ~0ULL;
  subscriptions[0].clock = 1;
  subscriptions[0].timeout = 500;
  subscriptions[1].userdata = 8;
  subscriptions[1].tag = static_cast<std::uint8_t>(EventType::fd_read);
  subscriptions[1].fd = 0;
  const auto address = guest.put_value(subscriptions);
  const auto events = guest.room(64);
  const auto count = guest.room(4);
  EXPECT_EQ(guest.call("wasi_unstable.poll_oneoff", address, events, 2, count), kWaits);
  EXPECT_EQ(guest.wait().deadline(), guest.clock.now() + Duration(500));
  guest.in.push("abc");
  EXPECT_EQ(guest.resume(), Errno::success);
  EXPECT_EQ(guest.at<std::uint32_t>(count), 1u);
  EXPECT_EQ(guest.at<GuestEvent>(events).userdata, 8u);
  EXPECT_EQ(guest.at<GuestEvent>(events).nbytes, 3u);
}

}  // namespace
}  // namespace brink::wasi::testing
