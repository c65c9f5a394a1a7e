#include <gtest/gtest.h>

#include "wasi/testing/guest.h"

namespace brink::wasi::testing {
namespace {

using std::chrono::milliseconds;

class PollTest : public ::testing::Test {
 protected:
  static GuestSubscription clock(std::uint32_t id, std::uint64_t timeout, std::uint16_t flags = 0) {
    GuestSubscription subscription{};
    subscription.userdata = 1000 + timeout;
    subscription.id_or_fd = id;
    subscription.timeout = timeout;
    subscription.flags = flags;
    return subscription;
  }
  static GuestSubscription on(EventType type, std::uint32_t fd) {
    GuestSubscription subscription{};
    subscription.userdata = 100 + fd;
    subscription.tag = static_cast<std::uint8_t>(type);
    subscription.id_or_fd = fd;
    return subscription;
  }
  static std::uint64_t ns(Duration duration) {
    return static_cast<std::uint64_t>(duration.count());
  }

  template <std::size_t N>
  Errno poll(const std::array<GuestSubscription, N>& subscriptions) {
    events_ = guest_.room(N * sizeof(GuestEvent));
    return guest_.call("poll_oneoff", guest_.put_value(subscriptions), events_,
                       static_cast<std::uint32_t>(N), count_);
  }
  Errno poll(const GuestSubscription& subscription) { return poll(std::array{subscription}); }
  std::uint32_t count() { return guest_.at<std::uint32_t>(count_); }
  GuestEvent event(std::uint32_t index = 0) {
    return guest_.at<GuestEvent>(events_ + index * std::uint32_t{sizeof(GuestEvent)});
  }

  PollTest() : PollTest(kStandard) {}
  explicit PollTest(const AbiProfile& profile) : guest_({.profile = profile}) {}

  Guest guest_;
  std::uint32_t count_ = guest_.room(4);
  std::uint32_t events_ = 0;
};

TEST_F(PollTest, SleepsAsLongAsAsked) {
  const MonotonicTime start = guest_.clock.now();
  EXPECT_EQ(poll(clock(1, ns(milliseconds(5)))), kWaits);
  EXPECT_EQ(guest_.wait().deadline(), start + milliseconds(5));
  guest_.clock.advance(milliseconds(3));
  EXPECT_EQ(guest_.resume(), kWaits);
  EXPECT_EQ(guest_.wait().deadline(), start + milliseconds(5)) << "fixed at the first attempt";
  guest_.clock.advance(milliseconds(2));
  EXPECT_EQ(guest_.resume(), Errno::success);
  EXPECT_EQ(count(), 1u);
  EXPECT_EQ(event().userdata, 1000 + ns(milliseconds(5)));
  EXPECT_EQ(event().error, 0u);
  EXPECT_EQ(event().type, 0u);
}

TEST_F(PollTest, ARelativeTimeOnTheWallClockIsNoTimeOfDay) {
  EXPECT_EQ(poll(clock(0, ns(milliseconds(5)))), kWaits);
  guest_.clock.set_wall(std::chrono::hours(24 * 365 * 60));
  EXPECT_EQ(guest_.resume(), kWaits);
  guest_.clock.advance(milliseconds(5));
  EXPECT_EQ(guest_.resume(), Errno::success);
}

TEST_F(PollTest, ZeroIsNow) {
  for (const std::uint32_t id : {0u, 1u}) {
    EXPECT_EQ(poll(clock(id, 0)), Errno::success);
    EXPECT_EQ(count(), 1u);
  }
}

TEST_F(PollTest, AbsoluteTimes) {
  const auto monotonic = ns(guest_.clock.now().since_boot), wall = ns(guest_.clock.wall());
  EXPECT_EQ(poll(clock(1, monotonic, 1)), Errno::success);
  EXPECT_EQ(poll(clock(0, wall - 1, 1)), Errno::success);
  EXPECT_EQ(poll(clock(1, monotonic + 7, 1)), kWaits);
  EXPECT_EQ(guest_.wait().deadline(), guest_.clock.now() + Duration(7));
  EXPECT_EQ(poll(clock(0, wall + 9, 1)), kWaits);
  EXPECT_EQ(guest_.wait().deadline(), guest_.clock.now() + Duration(9));
}

TEST_F(PollTest, TheFirstOfSeveralTimesCounts) {
  EXPECT_EQ(poll(std::array{clock(1, 900), clock(1, 300), clock(1, 600)}), kWaits);
  guest_.clock.advance(Duration(650));
  EXPECT_EQ(guest_.resume(), Errno::success);
  EXPECT_EQ(count(), 2u);
  EXPECT_EQ(event(0).userdata, 1300u);
  EXPECT_EQ(event(1).userdata, 1600u);
}

TEST_F(PollTest, TheEndOfTimeNeverComes) {
  for (const std::uint16_t flags : {std::uint16_t{0}, std::uint16_t{1}}) {
    EXPECT_EQ(poll(clock(1, ~0ULL, flags)), kWaits);
    guest_.clock.advance(std::chrono::hours(1));
    EXPECT_EQ(guest_.resume(), kWaits);
  }
}

TEST_F(PollTest, ClocksThatCannotBeWaitedFor) {
  EXPECT_EQ(poll(std::array{clock(2, 5), clock(3, 5), clock(9, 5), clock(1, 5, 2)}),
            Errno::success);
  EXPECT_EQ(count(), 4u);
  EXPECT_EQ(static_cast<Errno>(event(0).error), Errno::notsup);
  EXPECT_EQ(static_cast<Errno>(event(1).error), Errno::notsup);
  EXPECT_EQ(static_cast<Errno>(event(2).error), Errno::inval);
  EXPECT_EQ(static_cast<Errno>(event(3).error), Errno::inval);
}

TEST_F(PollTest, InputBecomesReadable) {
  EXPECT_EQ(poll(on(EventType::fd_read, 0)), kWaits);
  EXPECT_TRUE(guest_.wait().awaits_input());
  EXPECT_FALSE(guest_.wait().deadline());
  guest_.in.push("abc");
  EXPECT_EQ(guest_.resume(), Errno::success);
  EXPECT_EQ(event().userdata, 100u);
  EXPECT_EQ(event().type, static_cast<std::uint8_t>(EventType::fd_read));
  EXPECT_EQ(event().nbytes, 3u);
  EXPECT_EQ(event().flags, 0u);
}

TEST_F(PollTest, TheEndOfInputIsReadable) {
  guest_.in.close();
  EXPECT_EQ(poll(on(EventType::fd_read, 0)), Errno::success);
  EXPECT_EQ(event().nbytes, 0u);
  EXPECT_EQ(event().flags, 1u);
}

TEST_F(PollTest, OutputBecomesWritable) {
  guest_.out.set_room(0);
  EXPECT_EQ(poll(on(EventType::fd_write, 1)), kWaits);
  EXPECT_TRUE(guest_.wait().awaits_output());
  guest_.out.set_room(10);
  EXPECT_EQ(guest_.resume(), Errno::success);
  EXPECT_EQ(event().nbytes, 10u);
}

TEST_F(PollTest, WaitsForInputOrTime) {
  EXPECT_EQ(poll(std::array{on(EventType::fd_read, 0), clock(1, 50)}), kWaits);
  EXPECT_TRUE(guest_.wait().awaits_input());
  EXPECT_TRUE(guest_.wait().deadline());
  guest_.clock.advance(Duration(50));
  EXPECT_EQ(guest_.resume(), Errno::success);
  EXPECT_EQ(count(), 1u);
  EXPECT_EQ(event().userdata, 1050u);
}

TEST_F(PollTest, FilesAreAlwaysReady) {
  guest_.directory.write("file", "0123456789");
  const auto fd = guest_.open("file", 0, kFileRights);
  EXPECT_EQ(guest_.read(fd, 4), "0123");
  EXPECT_EQ(poll(std::array{on(EventType::fd_read, fd), on(EventType::fd_write, fd)}),
            Errno::success);
  EXPECT_EQ(count(), 2u);
  EXPECT_EQ(event(0).nbytes, 6u);
  EXPECT_EQ(event(1).error, 0u);
}

TEST_F(PollTest, BadDescriptorsAreEventsNotErrors) {
  EXPECT_EQ(poll(std::array{on(EventType::fd_read, 99), on(EventType::fd_write, 99),
                            on(EventType::fd_read, 1), on(EventType::fd_write, 0)}),
            Errno::success);
  EXPECT_EQ(count(), 4u);
  for (std::uint32_t i = 0; i < 4; ++i) {
    EXPECT_EQ(static_cast<Errno>(event(i).error), Errno::badf) << i;
  }
  guest_.drop_rights(0, right::poll_fd_readwrite);
  EXPECT_EQ(poll(on(EventType::fd_read, 0)), Errno::success);
  EXPECT_EQ(static_cast<Errno>(event().error), Errno::badf);
}

class WasixPollTest : public PollTest {
 protected:
  WasixPollTest() : PollTest(kWasix) {
    const auto ends = guest_.room(8);
    EXPECT_EQ(guest_.call("fd_pipe", ends, ends + 4), Errno::success);
    read_ = guest_.at<std::uint32_t>(ends);
    write_ = guest_.at<std::uint32_t>(ends + 4);
  }
  std::uint32_t read_;
  std::uint32_t write_;
};

TEST_F(WasixPollTest, CountsWhatAPipeHoldsAsFionreadWantsIt) {
  // As libc asks: the second subscription is all zero, a wall clock that says "now".
  const std::array question = {on(EventType::fd_read, read_), GuestSubscription{}};
  EXPECT_EQ(poll(question), Errno::success);
  EXPECT_EQ(count(), 1u);
  EXPECT_EQ(event().type, 0u);
  EXPECT_EQ(guest_.write(write_, "12345"), Errno::success);
  EXPECT_EQ(poll(question), Errno::success);
  EXPECT_EQ(count(), 2u);
  EXPECT_EQ(event(0).nbytes, 5u);
}

TEST_F(WasixPollTest, ANanosecondIsNow) {
  // What libc makes of poll(…, 0).
  EXPECT_EQ(poll(std::array{on(EventType::fd_read, read_), clock(0, 1)}), Errno::success);
  EXPECT_EQ(guest_.attempts(), 1u);
  EXPECT_EQ(count(), 1u);
  EXPECT_EQ(event().userdata, 1001u);
}

TEST_F(WasixPollTest, TellsThatTheOtherEndIsGone) {
  EXPECT_EQ(poll(std::array{on(EventType::fd_write, write_), on(EventType::fd_read, read_)}),
            Errno::success);
  EXPECT_EQ(count(), 1u);
  EXPECT_EQ(event().userdata, 100 + write_);
  EXPECT_EQ(event().flags, 0u);
  const auto copy = guest_.room(4);
  ASSERT_EQ(guest_.call("fd_dup", read_, copy), Errno::success);
  EXPECT_EQ(guest_.call("fd_close", read_), Errno::success);
  EXPECT_EQ(poll(on(EventType::fd_write, write_)), Errno::success);
  EXPECT_EQ(event().flags, 0u) << "a duplicate is there";
  EXPECT_EQ(guest_.call("fd_close", guest_.at<std::uint32_t>(copy)), Errno::success);
  EXPECT_EQ(poll(on(EventType::fd_write, write_)), Errno::success);
  EXPECT_EQ(event().flags, 1u);
}

TEST_F(WasixPollTest, TheEndOfAPipeIsReadable) {
  EXPECT_EQ(guest_.call("fd_close", write_), Errno::success);
  EXPECT_EQ(poll(on(EventType::fd_read, read_)), Errno::success);
  EXPECT_EQ(event().error, 0u);
  EXPECT_EQ(event().flags, 1u);
}

TEST_F(WasixPollTest, WaitsForAllThatIsNotReady) {
  const auto counter = guest_.room(4);
  ASSERT_EQ(guest_.call("fd_event", std::uint64_t{0}, 0, counter), Errno::success);
  const auto fd = guest_.at<std::uint32_t>(counter);
  EXPECT_EQ(poll(std::array{on(EventType::fd_read, read_), on(EventType::fd_read, fd)}), kWaits);
  EXPECT_EQ(guest_.wait().interests().size(), 2u);
  EXPECT_EQ(guest_.write(fd, std::string("\1\0\0\0\0\0\0\0", 8)), Errno::success);
  EXPECT_EQ(poll(std::array{on(EventType::fd_read, read_), on(EventType::fd_read, fd)}),
            Errno::success);
  EXPECT_EQ(count(), 1u);
  EXPECT_EQ(event().userdata, 100 + fd);
  EXPECT_EQ(event().nbytes, 8u);
}

TEST_F(WasixPollTest, FindsTheReadyOnesAmongMany) {
  std::vector<std::uint32_t> ends;
  std::array<GuestSubscription, 20> all;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto pair = guest_.room(8);
    ASSERT_EQ(guest_.call("fd_pipe", pair, pair + 4), Errno::success);
    all[i] = on(EventType::fd_read, guest_.at<std::uint32_t>(pair));
    ends.push_back(guest_.at<std::uint32_t>(pair + 4));
  }
  EXPECT_EQ(poll(all), kWaits);
  EXPECT_EQ(guest_.wait().interests().size(), 20u);
  EXPECT_EQ(guest_.write(ends[4], "four"), Errno::success);
  EXPECT_EQ(guest_.call("fd_close", ends[17]), Errno::success);
  EXPECT_EQ(poll(all), Errno::success);
  EXPECT_EQ(count(), 2u);
  EXPECT_EQ(event(0).userdata, all[4].userdata);
  EXPECT_EQ(event(0).nbytes, 4u);
  EXPECT_EQ(event(1).userdata, all[17].userdata);
  EXPECT_EQ(event(1).flags, 1u);
  all[3] = on(EventType::fd_read, 0);
  all[5] = on(EventType::fd_read, 99);
  guest_.in.push("in");
  EXPECT_EQ(poll(all), Errno::success);
  EXPECT_EQ(count(), 4u);
  EXPECT_EQ(event(0).userdata, 100u);
  EXPECT_EQ(static_cast<Errno>(event(2).error), Errno::badf);
}

TEST_F(WasixPollTest, ADescriptorThatAnotherThreadClosesMeanwhileIsBad) {
  EXPECT_EQ(poll(on(EventType::fd_read, read_)), kWaits);
  EXPECT_TRUE(guest_.process->descriptors().close(read_, kWasix));
  EXPECT_EQ(guest_.resume(), Errno::success);
  EXPECT_EQ(static_cast<Errno>(event().error), Errno::badf);
}

TEST_F(PollTest, UnknownKindsAreInvalid) {
  GuestSubscription subscription = on(EventType::fd_read, 0);
  subscription.tag = 3;
  EXPECT_EQ(poll(subscription), Errno::success);
  EXPECT_EQ(static_cast<Errno>(event().error), Errno::inval);
}

TEST_F(PollTest, ChecksItsArguments) {
  const auto one = guest_.put_value(clock(1, 0));
  const auto events = guest_.room(sizeof(GuestEvent));
  EXPECT_EQ(guest_.call("poll_oneoff", one, events, 0, count_), Errno::inval);
  EXPECT_EQ(guest_.call("poll_oneoff", one, events, 4097, count_), Errno::inval);
  EXPECT_EQ(guest_.call("poll_oneoff", one, events, ~0u, count_), Errno::inval);
  EXPECT_EQ(guest_.call("poll_oneoff", ~0u, events, 1, count_), Errno::fault);
  EXPECT_EQ(guest_.call("poll_oneoff", one, ~0u, 1, count_), Errno::fault);
  EXPECT_EQ(guest_.call("poll_oneoff", one, events, 1, ~0u), Errno::fault);
}

}  // namespace
}  // namespace brink::wasi::testing
