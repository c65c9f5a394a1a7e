#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <vector>

#include "wasi/epoll_set.h"
#include "wasi/testing/guest.h"

namespace brink::wasi::testing {
namespace {

using namespace epoll_bit;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr std::uint32_t kAdd = 0;
constexpr std::uint32_t kDelete = 2;
constexpr std::uint64_t kForever = ~std::uint64_t{0};

struct Event {
  std::uint32_t events;
  std::uint32_t pad = 0;
  std::uint32_t pointer = 0;
  std::uint32_t fd = 0;
  std::uint32_t data1 = 0;
  std::uint32_t pad1 = 0;
  std::uint64_t data2 = 0;
  bool operator==(const Event&) const = default;
};
static_assert(sizeof(Event) == 32);

Event event(std::uint32_t events, std::uint32_t fd) { return {.events = events, .fd = fd}; }

void PrintTo(const Event& event, std::ostream* out) {
  *out << "events " << event.events << " of " << event.fd;
}

/// A guest with one epoll set.
class Epoll : public ::testing::Test {
 protected:
  Epoll() : set(make_set()) {}

  std::uint32_t make_set() {
    const auto result = guest.room(4);
    EXPECT_EQ(guest.call("epoll_create", result), Errno::success);
    return guest.at<std::uint32_t>(result);
  }
  std::pair<std::uint32_t, std::uint32_t> pipe() {
    const auto ends = guest.room(8);
    EXPECT_EQ(guest.call("fd_pipe", ends, ends + 4), Errno::success);
    return {guest.at<std::uint32_t>(ends), guest.at<std::uint32_t>(ends + 4)};
  }
  std::uint32_t dup(std::uint32_t fd) {
    const auto result = guest.room(4);
    EXPECT_EQ(guest.call("fd_dup", fd, result), Errno::success);
    return guest.at<std::uint32_t>(result);
  }
  Errno control(std::uint32_t operation, std::uint32_t fd, const Event& wanted) {
    return guest.call("epoll_ctl", set, operation, fd, guest.put_value(wanted));
  }
  void add(std::uint32_t fd, std::uint32_t events) {
    EXPECT_EQ(control(kAdd, fd, event(events, fd)), Errno::success);
  }
  std::vector<Event> wait(std::uint32_t most = 8) {
    const auto room = guest.room(most * 32);
    count = guest.room(4);
    EXPECT_EQ(guest.call("epoll_wait", set, room, most, std::uint64_t{0}, count), Errno::success);
    std::vector<Event> events;
    for (std::uint32_t i = 0; i < guest.at<std::uint32_t>(count); ++i) {
      events.push_back(guest.at<Event>(room + 32 * i));
    }
    return events;
  }
  Errno start_waiting(std::uint64_t timeout = kForever) {
    count = guest.room(4);
    return guest.call("epoll_wait", set, guest.room(64), 2, timeout, count);
  }

  Guest guest{{.profile = kWasix, .memory = 256 << 10}};
  std::uint32_t set;
  std::uint32_t count = 0;
};

TEST_F(Epoll, IsLevelTriggeredAndGivesBackItsUserDataExactly) {
  const auto [read, write] = pipe();
  const Event wanted{.events = in, .pointer = 1, .fd = 2, .data1 = 3, .data2 = 0xFFFFFFFF00000004};
  ASSERT_EQ(control(kAdd, read, wanted), Errno::success);
  EXPECT_THAT(wait(), IsEmpty());
  EXPECT_EQ(guest.write(write, "x"), Errno::success);
  for (int i = 0; i < 3; ++i) EXPECT_THAT(wait(), ElementsAre(wanted));
  EXPECT_EQ(guest.read(read, 1), "x");
  EXPECT_THAT(wait(), IsEmpty());
}

TEST_F(Epoll, TakesBothNumberingsOfOperationsAndNeverMindsTheOrder) {
  const auto [read, write] = pipe();
  EXPECT_EQ(guest.write(write, "x"), Errno::success);
  for (const std::uint32_t operation : {3u, 0u, 1u, 0u, 3u, 1u}) {
    EXPECT_EQ(control(operation, read, event(in, operation + 100)), Errno::success);
    EXPECT_THAT(wait(), ElementsAre(event(in, operation + 100)));
  }
  EXPECT_EQ(guest.call("epoll_ctl", set, kDelete, read, 0), Errno::success);
  EXPECT_THAT(wait(), IsEmpty());
  EXPECT_EQ(guest.call("epoll_ctl", set, kDelete, read, 0), Errno::success);
  EXPECT_EQ(control(4, read, event(in, 1)), Errno::inval);
}

TEST_F(Epoll, TranslatesEveryBit) {
  const auto [read, write] = pipe();
  add(write, out | in | pri | rdhup);
  EXPECT_THAT(wait(), ElementsAre(event(out, write)));
  EXPECT_EQ(guest.call("fd_close", read), Errno::success);
  EXPECT_THAT(wait(), ElementsAre(event(out | err, write)));
  const auto [other_read, other_write] = pipe();
  add(other_read, 0);
  EXPECT_EQ(guest.call("fd_close", other_write), Errno::success);
  EXPECT_THAT(wait(), UnorderedElementsAre(event(out | err, write), event(hup, other_read)));
}

TEST_F(Epoll, EdgeTriggeredTellsOnce) {
  const auto [read, write] = pipe();
  add(read, in | et);
  EXPECT_EQ(guest.write(write, "x"), Errno::success);
  EXPECT_THAT(wait(), ElementsAre(event(in, read)));
  EXPECT_THAT(wait(), IsEmpty());
  EXPECT_EQ(guest.write(write, "y"), Errno::success);
  EXPECT_THAT(wait(), ElementsAre(event(in, read)));
}

TEST_F(Epoll, OneshotWaitsUntilItIsArmedAgain) {
  const auto [read, write] = pipe();
  add(read, in | oneshot);
  EXPECT_EQ(guest.write(write, "x"), Errno::success);
  EXPECT_THAT(wait(), ElementsAre(event(in, read)));
  EXPECT_THAT(wait(), IsEmpty());
  add(read, in | oneshot);
  EXPECT_THAT(wait(), ElementsAre(event(in, read)));
}

TEST_F(Epoll, AFileIsAlwaysReadyAlsoForOneEvent) {
  const auto file = guest.open("file", oflag::creat, kFileRights);
  add(file, in | out);
  EXPECT_THAT(wait(), ElementsAre(event(in | out, file)));
  EXPECT_THAT(wait(), ElementsAre(event(in | out, file)));
  add(file, in | oneshot);
  EXPECT_THAT(wait(), ElementsAre(event(in, file)));
  EXPECT_THAT(wait(), IsEmpty());
  add(file, in | et);
  EXPECT_THAT(wait(), ElementsAre(event(in, file)));
  EXPECT_THAT(wait(), IsEmpty());
  EXPECT_EQ(start_waiting(), kWaits);
  EXPECT_FALSE(guest.wait().yields()) << "would keep a processor busy";
}

TEST_F(Epoll, StreamsThatAreNoKernelDescriptorsTakePart) {
  add(0, in);
  add(1, out);
  EXPECT_THAT(wait(), ElementsAre(event(out, 1)));
  guest.out.set_room(0);
  EXPECT_EQ(start_waiting(), kWaits);
  EXPECT_TRUE(guest.wait().awaits_input());
  EXPECT_TRUE(guest.wait().awaits_output());
  guest.in.push("body");
  EXPECT_EQ(guest.resume(), Errno::success);
  EXPECT_EQ(guest.at<std::uint32_t>(count), 1u);
  EXPECT_THAT(wait(), ElementsAre(event(in, 0)));
  guest.in.close();
  EXPECT_EQ(guest.read(0, 4), "body");
  EXPECT_THAT(wait(), ElementsAre(event(in | hup, 0)));
}

TEST_F(Epoll, AnEdgeOfAStreamIsReadyAgainAfterAReadHadToWait) {
  add(0, in | et);
  guest.in.push("one");
  EXPECT_THAT(wait(), ElementsAre(event(in, 0)));
  EXPECT_THAT(wait(), IsEmpty());
  EXPECT_EQ(guest.read(0, 3), "one");
  ASSERT_EQ(guest.call("fd_fdstat_set_flags", 0, fdflag::nonblock), Errno::success);
  EXPECT_EQ(guest.call("fd_read", 0, guest.iovec(guest.room(3), 3), 1, guest.room(4)),
            Errno::again);
  guest.in.push("two");  // before anybody looked again
  EXPECT_THAT(wait(), ElementsAre(event(in, 0)));
  EXPECT_THAT(wait(), IsEmpty());
}

TEST_F(Epoll, NeitherKindOfMemberCrowdsOutTheOther) {
  const auto file = guest.open("file", oflag::creat, kFileRights);
  const auto [read, write] = pipe();
  add(file, in);
  add(write, out);
  std::set<std::uint32_t> seen;
  for (int i = 0; i < 4; ++i) seen.insert(wait(1).at(0).fd);
  EXPECT_THAT(seen, UnorderedElementsAre(file, write));
}

TEST_F(Epoll, WaitsInTheKernelWithADeadline) {
  const auto [read, write] = pipe();
  add(read, in);
  EXPECT_EQ(start_waiting(), kWaits);
  EXPECT_FALSE(guest.wait().deadline().has_value());
  ASSERT_EQ(guest.wait().interests().size(), 1u);
  const int kernel = guest.wait().interests()[0].fd;
  pollfd entry{kernel, POLLIN, 0};
  EXPECT_EQ(::poll(&entry, 1, 0), 0);
  EXPECT_EQ(guest.write(write, "x"), Errno::success);
  EXPECT_EQ(::poll(&entry, 1, 0), 1) << "what is awaited happens with the write";
  EXPECT_EQ(guest.read(read, 1), "x");

  EXPECT_EQ(start_waiting(1000), kWaits);
  EXPECT_EQ(guest.wait().deadline(), guest.clock.now() + Duration(1000));
  guest.clock.advance(Duration(999));
  EXPECT_EQ(guest.resume(), kWaits);
  guest.clock.advance(Duration(1));
  EXPECT_EQ(guest.resume(), Errno::success);
  EXPECT_EQ(guest.at<std::uint32_t>(count), 0u) << "a time-out is no error";
}

TEST_F(Epoll, AClosedMemberLeavesUnlessADuplicateKeepsItOpen) {
  const auto [read, write] = pipe();
  const auto copy = dup(read);
  add(read, in);
  EXPECT_EQ(guest.write(write, "x"), Errno::success);
  EXPECT_EQ(guest.call("fd_close", read), Errno::success);
  EXPECT_THAT(wait(), ElementsAre(event(in, read))) << "as on Linux";
  EXPECT_EQ(guest.call("fd_close", copy), Errno::success);
  EXPECT_THAT(wait(), IsEmpty());
}

TEST_F(Epoll, AClosedStandardStreamLeavesToo) {
  add(1, out);
  EXPECT_THAT(wait(), ElementsAre(event(out, 1)));
  EXPECT_EQ(guest.call("fd_close", 1), Errno::success);
  EXPECT_THAT(wait(), IsEmpty());
  const auto again = guest.open("/dev/stdout", 0, right::fd_write);
  EXPECT_EQ(guest.write(again, "still there"), Errno::success);
  EXPECT_EQ(guest.out.text(), "still there");
}

TEST_F(Epoll, ACopyOfTheTableKeepsItsMembers) {
  // As for a vfork, which closes what the parent goes on using.
  const auto [read, write] = pipe();
  add(read, in);
  {
    DescriptorTable child = guest.process->descriptors();
    EXPECT_TRUE(child.close(read, kWasix));
  }
  EXPECT_EQ(guest.write(write, "x"), Errno::success);
  EXPECT_THAT(wait(), ElementsAre(event(in, read)));
}

TEST_F(Epoll, AClosedMemberLeavesThoughAnotherProcessHasItOpen) {
  const auto [read, write] = pipe();
  add(read, in);
  const UniqueFd elsewhere(
      ::dup(guest.process->descriptors().find(read)->open->kernel_descriptor()));
  EXPECT_EQ(guest.write(write, "x"), Errno::success);
  EXPECT_EQ(guest.call("fd_close", read), Errno::success);
  EXPECT_THAT(wait(), IsEmpty());
}

TEST_F(Epoll, ADescriptionThatVanishesUnseenLeavesToo) {
  const auto [read, write] = pipe();
  add(read, in);
  // A thread inside a call still uses it when another one closes the number.
  auto used = guest.process->descriptors().find(read)->open;
  const UniqueFd elsewhere(::dup(used->kernel_descriptor()));
  EXPECT_EQ(guest.call("fd_close", read), Errno::success);
  used.reset();
  EXPECT_EQ(guest.write(write, "x"), Errno::success);
  EXPECT_THAT(wait(), IsEmpty());
  EXPECT_EQ(start_waiting(), kWaits);
  pollfd entry{guest.wait().interests().at(0).fd, POLLIN, 0};
  EXPECT_EQ(::poll(&entry, 1, 0), 0) << "would keep a processor busy";
}

TEST_F(Epoll, TwoNumbersOfOneDescriptionAreTwoMembers) {
  const auto [read, write] = pipe();
  const auto copy = dup(read);
  add(read, in);
  add(copy, in);
  EXPECT_EQ(guest.write(write, "x"), Errno::success);
  EXPECT_THAT(wait(), UnorderedElementsAre(event(in, read), event(in, copy)));
  EXPECT_EQ(guest.call("epoll_ctl", set, kDelete, read, 0), Errno::success);
  EXPECT_THAT(wait(), ElementsAre(event(in, copy)));
  add(read, in | oneshot);
  EXPECT_THAT(wait(), UnorderedElementsAre(event(in, read), event(in, copy)));
  EXPECT_EQ(guest.call("fd_close", read), Errno::success);
  EXPECT_EQ(guest.call("fd_close", copy), Errno::success);
  EXPECT_THAT(wait(), IsEmpty());
  ::signal(SIGPIPE, SIG_IGN);
  EXPECT_EQ(guest.write(write, "x"), Errno::pipe) << "the set keeps nothing open";
}

TEST_F(Epoll, ANumberUsedAgainIsANewMember) {
  const auto [read, write] = pipe();
  add(read, in);
  EXPECT_EQ(guest.call("fd_close", read), Errno::success);
  EXPECT_EQ(guest.call("fd_close", write), Errno::success);
  const auto [next_read, next_write] = pipe();
  ASSERT_EQ(next_read, read);
  EXPECT_EQ(guest.write(next_write, "x"), Errno::success);
  EXPECT_THAT(wait(), IsEmpty());
  add(next_read, in);
  EXPECT_THAT(wait(), ElementsAre(event(in, next_read)));
}

TEST_F(Epoll, ASetInASetIsReadableWhenItHasEvents) {
  const auto outer = set;
  const auto inner = make_set();
  const auto [read, write] = pipe();
  add(inner, in);
  set = inner;
  add(read, in);
  add(0, in);
  set = outer;
  EXPECT_EQ(start_waiting(), kWaits);
  EXPECT_EQ(guest.wait().interests().size(), 2u);
  EXPECT_TRUE(guest.wait().awaits_input()) << "of the inner set";
  EXPECT_EQ(guest.write(write, "x"), Errno::success);
  EXPECT_THAT(wait(), ElementsAre(event(in, inner)));
  EXPECT_EQ(guest.read(read, 1), "x");
  EXPECT_THAT(wait(), IsEmpty());
  guest.in.push("y");
  EXPECT_THAT(wait(), ElementsAre(event(in, inner)));
}

TEST_F(Epoll, SetsNestOnceAndNeverInACircle) {
  const auto inner = make_set();
  const auto innermost = make_set();
  EXPECT_EQ(control(kAdd, set, event(in, 1)), Errno::inval);
  EXPECT_EQ(control(kAdd, dup(set), event(in, 1)), Errno::loop);
  add(inner, in);
  const auto outer = set;
  set = inner;
  EXPECT_EQ(control(kAdd, outer, event(in, 1)), Errno::loop);
  EXPECT_EQ(control(kAdd, innermost, event(in, 1)), Errno::loop);
  set = outer;
  EXPECT_EQ(guest.call("fd_close", inner), Errno::success);
  const auto next = make_set();
  add(next, in);
  EXPECT_EQ(guest.call("epoll_ctl", set, kDelete, next, 0), Errno::success);
  set = next;
  add(innermost, in);
}

TEST_F(Epoll, IsPolledLikeAnyDescriptor) {
  const auto [read, write] = pipe();
  add(read, in);
  GuestSubscription subscription{};
  subscription.tag = static_cast<std::uint8_t>(EventType::fd_read);
  subscription.id_or_fd = set;
  const auto subscriptions = guest.put_value(subscription);
  const auto events = guest.room(32);
  EXPECT_EQ(guest.call("poll_oneoff", subscriptions, events, 1, guest.room(4)), kWaits);
  EXPECT_EQ(guest.write(write, "x"), Errno::success);
  EXPECT_EQ(guest.call("poll_oneoff", subscriptions, events, 1, guest.room(4)), Errno::success);
  EXPECT_EQ(guest.at<GuestEvent>(events).error, 0u);
}

TEST_F(Epoll, AForkedChildHasASetOfItsOwn) {
  const auto [read, write] = pipe();
  const auto copy = dup(read);
  add(read, in);
  add(copy, in | oneshot);
  EXPECT_EQ(start_waiting(), kWaits);
  const UniqueFd parents(::dup(guest.wait().interests().at(0).fd));
  guest.process->after_fork_in_child();
  EXPECT_EQ(guest.call("epoll_ctl", set, kDelete, read, 0), Errno::success);
  EXPECT_EQ(guest.write(write, "x"), Errno::success);
  EXPECT_THAT(wait(), ElementsAre(event(in, copy)));
  EXPECT_THAT(wait(), IsEmpty());
  guest.process->after_fork_in_child();
  EXPECT_THAT(wait(), IsEmpty()) << "a disarmed member stays so";
  add(copy, in | oneshot);
  EXPECT_THAT(wait(), ElementsAre(event(in, copy)));
  pollfd entry{parents.get(), POLLIN, 0};
  EXPECT_EQ(::poll(&entry, 1, 0), 1) << "the parent's set still has its members";
}

TEST_F(Epoll, ChecksItsArguments) {
  const auto [read, write] = pipe();
  const auto wanted = guest.put_value(event(in, 1));
  EXPECT_EQ(guest.call("epoll_create", ~0u), Errno::fault);
  EXPECT_EQ(guest.call("epoll_ctl", 99, kAdd, read, wanted), Errno::badf);
  EXPECT_EQ(guest.call("epoll_ctl", read, kAdd, write, wanted), Errno::inval);
  EXPECT_EQ(guest.call("epoll_ctl", set, kAdd, 99, wanted), Errno::badf);
  EXPECT_EQ(guest.call("epoll_ctl", set, kDelete, 99, wanted), Errno::badf);
  EXPECT_EQ(guest.call("epoll_ctl", set, kAdd, read, ~0u), Errno::fault);
  const auto room = guest.room(64);
  EXPECT_EQ(guest.call("epoll_wait", 99, room, 1, std::uint64_t{0}, room), Errno::badf);
  EXPECT_EQ(guest.call("epoll_wait", read, room, 1, std::uint64_t{0}, room), Errno::inval);
  EXPECT_EQ(guest.call("epoll_wait", set, room, 0, std::uint64_t{0}, room), Errno::inval);
  EXPECT_EQ(guest.call("epoll_wait", set, room, -1, std::uint64_t{0}, room), Errno::inval);
  EXPECT_EQ(guest.call("epoll_wait", set, ~0u, 1, std::uint64_t{0}, room), Errno::fault);
  EXPECT_EQ(guest.call("epoll_wait", set, room, 1, std::uint64_t{0}, ~0u), Errno::fault);
  EXPECT_EQ(guest.read(set, 1), "(failed)");
}

TEST(EpollLimit, MembersAreBounded) {
  Guest guest({.profile = kWasix});
  auto made = EpollSet::create(2);
  ASSERT_TRUE(made.has_value());
  auto& table = guest.process->descriptors();
  EXPECT_TRUE((*made)->put(0, table.find(0)->open, {}).has_value());
  EXPECT_TRUE((*made)->put(1, table.find(1)->open, {}).has_value());
  EXPECT_EQ((*made)->put(2, table.find(2)->open, {}).error(), Errno::nospc);
  EXPECT_TRUE((*made)->put(1, table.find(1)->open, {}).has_value());
}

}  // namespace
}  // namespace brink::wasi::testing
