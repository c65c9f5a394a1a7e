#include "node/supervisor.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <csignal>
#include <sstream>

#include "net/listener.h"

namespace brink::node {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;

/// The real clock, which can be put forward.
class ShiftedClock final : public Clock {
 public:
  [[nodiscard]] MonotonicTime now() const noexcept override { return system_.now() + shift_; }
  [[nodiscard]] Duration wall() const noexcept override { return system_.wall(); }
  void advance(Duration by) { shift_ += by; }

 private:
  SystemClock system_;
  Duration shift_{};
};

/// The workers are the test program's own; see node_test_main.cc.
class SupervisorTest : public testing::Test {
 protected:
  void create(std::size_t slots) {
    auto listeners =
        net::open_tcp_listeners(net::parse_socket_address("127.0.0.1:0").value(), slots).value();
    supervisor = Supervisor::create(loop, relay, std::move(listeners.sockets), {}).value();
  }

  static std::shared_ptr<PreparedApp> app(const std::string& does) {
    auto made = std::make_shared<PreparedApp>();
    made->spec.name = does;
    made->spec.limits.memory_sum = 1_GiB;
    made->artefact.reset(::memfd_create("artefact", MFD_CLOEXEC));
    made->scratch.reset(::open("/tmp", O_PATH | O_DIRECTORY | O_CLOEXEC));
    return made;
  }

  /// Turns the loop, as the node does, until `done`.
  template <class Done>
  [[nodiscard]] bool turn_until(Done done) {
    const MonotonicTime end = SystemClock().now() + seconds(20);
    while (SystemClock().now() < end) {
      auto next = supervisor->tick();
      if (done()) return true;
      const Duration longest = next ? *next - loop.refresh_now() : Duration(seconds(20));
      loop.turn(std::clamp(longest, Duration(0), Duration(seconds(20))));
    }
    return false;
  }

  std::optional<Result<void>> outcome() {
    std::optional<Result<void>> found;
    EXPECT_TRUE(turn_until([&] { return (found = supervisor->take_outcome()).has_value(); }));
    return found;
  }
  void serve(std::size_t slots, const std::string& does) {
    create(slots);
    ASSERT_TRUE(supervisor->deploy(app(does)));
    const auto end = outcome();
    ASSERT_TRUE(end && *end);
    ASSERT_TRUE(supervisor->serving());
  }

  struct Line {
    std::string what;
    std::uint32_t slot;
    pid_t pid;
    std::uint32_t seat;
  };
  [[nodiscard]] std::string log() const {
    std::string text(1 << 18, '\0');
    text.resize(static_cast<std::size_t>(::pread(target.get(), text.data(), text.size(), 0)));
    return text;
  }
  /// What workers have said: "started" or "drained".
  [[nodiscard]] std::vector<Line> said(const std::string& what) const {
    std::vector<Line> out;
    std::istringstream in(log());
    for (std::string line; std::getline(in, line);) {
      Line entry{};
      std::istringstream words(line);
      if (words >> entry.what >> entry.slot >> entry.pid >> entry.seat && entry.what == what) {
        out.push_back(entry);
      }
    }
    return out;
  }
  [[nodiscard]] auto started(std::size_t count) const {
    return [this, count] { return said("started").size() == count && supervisor->serving(); };
  }

  ShiftedClock clock;
  net::EventLoop loop = net::EventLoop::create(clock).value();
  UniqueFd target{::memfd_create("log", MFD_CLOEXEC)};
  LogRelay relay{loop, target.get()};
  std::unique_ptr<Supervisor> supervisor;
};

TEST_F(SupervisorTest, StartsOneWorkerPerSlotOnSeatsOfTheirOwn) {
  serve(2, "serves");
  ASSERT_TRUE(turn_until(started(2)));
  const auto workers = said("started");
  EXPECT_NE(workers[0].slot, workers[1].slot);
  EXPECT_NE(workers[0].seat, workers[1].seat);
}

TEST_F(SupervisorTest, ReplacesADeadWorkerAtOnceAndFreesItsSeat) {
  serve(2, "serves");
  for (std::size_t i = 0; i < 8; ++i) {
    ASSERT_TRUE(turn_until(started(2 + i)));
    ::kill(said("started").back().pid, SIGKILL);
    clock.advance(seconds(60));  // it had lived for long
    ASSERT_TRUE(turn_until([&] { return supervisor->restarts() == i + 1; }));
  }
  EXPECT_TRUE(turn_until(started(10)));
  EXPECT_EQ(supervisor->workers(), 2U);
  EXPECT_THAT(log(), HasSubstr("killed by SIGKILL"));
}

TEST_F(SupervisorTest, OneThatKeepsDyingWaitsLongerEachTime) {
  serve(1, "serves");
  Duration before{};
  for (std::size_t i = 1; i <= 4; ++i) {
    ASSERT_TRUE(turn_until(started(i)));
    ::kill(said("started").back().pid, SIGKILL);
    ASSERT_TRUE(turn_until([&] { return supervisor->restarts() == i; }));
    if (i == 1) continue;
    const auto next = supervisor->tick();
    ASSERT_TRUE(next);
    const Duration delay = *next - clock.now();
    EXPECT_GT(delay, before);
    EXPECT_EQ(supervisor->workers(), 0U);
    before = delay;
    clock.advance(delay);
  }
}

TEST_F(SupervisorTest, ANewVersionDrainsTheOldOnesOnceAllOfItServes) {
  serve(2, "serves");
  ASSERT_TRUE(supervisor->deploy(app("serves, again")));
  EXPECT_TRUE(supervisor->serving()) << "the old one, until then";
  const auto end = outcome();
  EXPECT_TRUE(end && *end);
  EXPECT_TRUE(
      turn_until([&] { return said("drained").size() == 2 && supervisor->workers() == 2; }));
  EXPECT_TRUE(supervisor->serving());
  EXPECT_EQ(supervisor->restarts(), 0U);
}

class FailedVersion : public SupervisorTest, public testing::WithParamInterface<const char*> {};

TEST_P(FailedVersion, LeavesTheOldOneServingAndIsNotTriedAgain) {
  serve(2, "serves");
  ASSERT_TRUE(turn_until(started(2)));
  const auto old = said("started");
  ASSERT_TRUE(supervisor->deploy(app(GetParam())));
  const auto end = outcome();
  ASSERT_TRUE(end);
  EXPECT_FALSE(*end);
  ASSERT_TRUE(turn_until([&] { return supervisor->workers() == 2; }));
  EXPECT_TRUE(supervisor->serving());
  EXPECT_EQ(supervisor->restarts(), 0U);
  for (const Line& worker : old) EXPECT_EQ(::kill(worker.pid, 0), 0) << "an old worker has gone";
  // What dies is replaced by the version that works.
  ::kill(old[0].pid, SIGKILL);
  EXPECT_TRUE(turn_until([&] { return supervisor->restarts() == 1 && supervisor->serving(); }));
}

INSTANTIATE_TEST_SUITE_P(Ways, FailedVersion,
                         testing::Values("fails", "dies", "serves, slot 1: fails",
                                         "serves, slot 1: dies"));

TEST_F(SupervisorTest, SaysWhyAVersionDoesNotStart) {
  create(1);
  ASSERT_TRUE(supervisor->deploy(app("fails")));
  EXPECT_EQ(outcome()->error().text(), "it can't; mend it");
  ASSERT_TRUE(supervisor->deploy(app("dies")));
  EXPECT_THAT(outcome()->error().text(), HasSubstr("exit code 3"));
  EXPECT_FALSE(supervisor->serving());
}

TEST_F(SupervisorTest, GivesUpOnAVersionThatDoesNotComeUp) {
  serve(2, "serves");
  ASSERT_TRUE(supervisor->deploy(app("serves, slot 1: hangs")));
  ASSERT_TRUE(turn_until([&] { return said("started").size() == 4; }));
  clock.advance(seconds(31));
  EXPECT_THAT(outcome()->error().text(), HasSubstr("do not start"));
  EXPECT_TRUE(turn_until([&] { return supervisor->workers() == 2; }));
  EXPECT_TRUE(supervisor->serving());
}

TEST_F(SupervisorTest, ADeathDuringADeploymentIsReplacedByTheVersionThatServes) {
  serve(1, "serves");
  ASSERT_TRUE(turn_until(started(1)));
  ASSERT_TRUE(supervisor->deploy(app("hangs")));
  ::kill(said("started").front().pid, SIGKILL);
  EXPECT_TRUE(turn_until([&] { return supervisor->restarts() == 1 && supervisor->serving(); }));
  EXPECT_FALSE(supervisor->take_outcome());
}

TEST_F(SupervisorTest, ANewerVersionTakesThePlaceOfOneThatStillStarts) {
  serve(1, "serves");
  ASSERT_TRUE(supervisor->deploy(app("hangs")));
  ASSERT_TRUE(supervisor->deploy(app("serves, again")));
  const auto end = outcome();
  EXPECT_TRUE(end && *end);
  EXPECT_TRUE(turn_until([&] { return supervisor->workers() == 1; }));
}

TEST_F(SupervisorTest, AWorkerThatDoesNotDrainIsKilled) {
  serve(1, "stays");
  ASSERT_TRUE(turn_until(started(1)));
  ASSERT_TRUE(supervisor->deploy(app("serves")));
  EXPECT_TRUE(*outcome());
  clock.advance(seconds(13));
  EXPECT_TRUE(turn_until([&] { return supervisor->workers() == 1; }));
}

TEST_F(SupervisorTest, StopsWhenAllHaveDrained) {
  serve(2, "serves");
  supervisor->stop();
  EXPECT_TRUE(turn_until([&] { return supervisor->stopped(); }));
  EXPECT_EQ(supervisor->restarts(), 0U);
}

TEST_F(SupervisorTest, StopsWithinTheGraceWhateverTheWorkersDo) {
  serve(2, "stays");
  supervisor->stop();
  EXPECT_FALSE(supervisor->stopped());
  clock.advance(seconds(13));
  EXPECT_TRUE(turn_until([&] { return supervisor->stopped(); }));
}

TEST_F(SupervisorTest, WhileTwoVersionsServeTheLargerLimitHolds) {
  create(1);
  const auto permits = [&] { return supervisor->page().permits(0).limit(); };
  auto small = app("serves");
  small->spec.limits.instances = 10;
  ASSERT_TRUE(supervisor->deploy(small));
  ASSERT_TRUE(*outcome());
  auto large = app("fails");
  large->spec.limits.instances = 20;
  ASSERT_TRUE(supervisor->deploy(large));
  EXPECT_EQ(permits(), 20U);
  EXPECT_FALSE(*outcome());
  EXPECT_EQ(permits(), 10U);
}

}  // namespace
}  // namespace brink::node
