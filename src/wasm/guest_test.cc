#include "wasm/guest.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "wasm/epoch_timer.h"
#include "wasm/module.h"

namespace brink::wasm {
namespace {

/// A program's calls, as its host sees them.
struct Host {
  std::vector<std::string> written;
  int again_before_done = 0;  ///< attempts that have to wait first
  bool leaves_waits = false;  ///< as a poll of which one of two events has happened
};

std::uint32_t word(const HostCall& call, std::uint32_t address) {
  return call.memory.load<std::uint32_t>(address).value_or(0);
}

Attempt sizes_get(HostCall& call, std::uint32_t count, std::uint32_t bytes) {
  if (static_cast<Host*>(call.host)->leaves_waits) call.wait.on_input();
  return Attempt::done(call.memory.store<std::uint32_t>(count, 0) &&
                               call.memory.store<std::uint32_t>(bytes, 0)
                           ? 0
                           : 21);
}
Attempt get(HostCall& /*call*/, std::uint32_t /*pointers*/, std::uint32_t /*bytes*/) {
  return Attempt::done(0);
}
Attempt bad_descriptor(HostCall& /*call*/, std::uint32_t /*fd*/, std::uint32_t /*out*/) {
  return Attempt::done(8);
}
Attempt close(HostCall& /*call*/, std::uint32_t /*fd*/) { return Attempt::done(0); }
Attempt seek(HostCall& /*call*/, std::uint32_t, std::uint64_t, std::uint32_t, std::uint32_t) {
  return Attempt::done(70);
}
Attempt write(HostCall& call, std::uint32_t /*fd*/, std::uint32_t vectors, std::uint32_t count,
              std::uint32_t out) {
  auto& host = *static_cast<Host*>(call.host);
  if (host.again_before_done > 0) {
    --host.again_before_done;
    return Attempt::again();
  }
  std::string text;
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto bytes =
        call.memory.bytes(word(call, vectors + 8 * i), word(call, vectors + 8 * i + 4));
    if (bytes) text.append(reinterpret_cast<const char*>(bytes->data()), bytes->size());
  }
  host.written.push_back(text);
  return Attempt::done(call.memory.store(out, static_cast<std::uint32_t>(text.size())) ? 0 : 21);
}
Attempt poll(HostCall& /*call*/, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t) {
  return Attempt::done(0);
}
Attempt exit(HostCall& /*call*/, std::uint32_t /*code*/) { return Attempt::exit(); }

constexpr std::string_view kWasi = "wasi_snapshot_preview1";
const std::array kFunctions = {
    host_function<&sizes_get>(kWasi, "environ_sizes_get"),
    host_function<&get>(kWasi, "environ_get"),
    host_function<&sizes_get>(kWasi, "args_sizes_get"),
    host_function<&get>(kWasi, "args_get"),
    host_function<&bad_descriptor>(kWasi, "fd_fdstat_get"),
    host_function<&bad_descriptor>(kWasi, "fd_prestat_get"),
    host_function<&close>(kWasi, "fd_close"),
    host_function<&seek>(kWasi, "fd_seek"),
    host_function<&write>(kWasi, "fd_write"),
    host_function<&poll>(kWasi, "poll_oneoff"),
    host_function<&exit>(kWasi, "proc_exit", HostFunction::Returns::nothing),
};

std::string guest(const std::string& name) {
  std::ifstream file(std::string(BRINK_GUEST_DIR) + "/" + name + ".wasm", std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Of this process: a file that another one rewrites must not be mapped.
std::string artefact_path(const std::string& name) {
  return testing::TempDir() + name + "." + std::to_string(::getpid()) + ".cwasm";
}

class GuestTest : public testing::Test {
 protected:
  Program load(const std::string& name) {
    const std::string wasm = guest(name);
    const Engine compiler = Engine::create({.use = EngineOptions::Use::compile}).value();
    const auto artefact = compile(compiler, std::as_bytes(std::span(wasm)));
    EXPECT_TRUE(artefact) << artefact.error().text();
    const std::string path = artefact_path(name);
    std::ofstream(path, std::ios::binary) << *artefact;
    artefacts.push_back(path);
    return Program::link(engine, Module::load(engine, path).value(), kFunctions,
                         Program::Start::none)
        .value();
  }

  ~GuestTest() override {
    for (const std::string& path : artefacts) ::unlink(path.c_str());
  }

  Guest::State run_to_end(Guest& guest) {
    while (guest.state() != Guest::State::ended) {
      const EpochTimer::Running running(*timer);
      guest.resume();
    }
    return guest.state();
  }

  Engine engine = Engine::create({.instances = 8}).value();
  std::unique_ptr<EpochTimer> timer = EpochTimer::create(engine).value();
  std::vector<std::string> artefacts;
  Host host;
};

TEST_F(GuestTest, RunsAProgramToItsEndOnAFiber) {
  const Program program = load("hello");
  Guest guest;
  ASSERT_TRUE(guest.start(program, {.host = &host}, {}));
  run_to_end(guest);
  EXPECT_EQ(guest.ended().how, Ended::How::returned);
  ASSERT_FALSE(host.written.empty());
}

TEST_F(GuestTest, SuspendsInAHostCallAndRepeatsTheAttempt) {
  const Program program = load("hello");
  host.again_before_done = 2;
  Guest guest;
  ASSERT_TRUE(guest.start(program, {.host = &host}, {}));
  EXPECT_EQ(guest.resume(), Guest::State::waiting);
  EXPECT_TRUE(host.written.empty());
  EXPECT_EQ(guest.resume(), Guest::State::waiting);
  EXPECT_EQ(guest.resume(), Guest::State::ended);
  EXPECT_FALSE(host.written.empty());
}

TEST_F(GuestTest, EndsWhileItIsSuspendedWithoutRunningAnyFurther) {
  const Program program = load("hello");
  host.again_before_done = 1;
  Guest guest;
  ASSERT_TRUE(guest.start(program, {.host = &host}, {}));
  ASSERT_EQ(guest.resume(), Guest::State::waiting);
  guest.stop();
  EXPECT_EQ(guest.ended().how, Ended::How::killed);
  EXPECT_TRUE(host.written.empty());
}

TEST_F(GuestTest, YieldsWhenItComputesForLongAndCanBeStopped) {
  const Program program = load("spin");
  Guest guest;
  ASSERT_TRUE(guest.start(program, {.host = &host}, {}));
  for (int slice = 0; slice < 3; ++slice) {
    const EpochTimer::Running running(*timer);
    EXPECT_EQ(guest.resume(), Guest::State::runnable);
  }
  guest.stop();
  EXPECT_EQ(guest.state(), Guest::State::ended);
}

TEST_F(GuestTest, ReportsATrapWithNameAndBacktrace) {
  const Program program = load("trap");
  Guest guest;
  ASSERT_TRUE(guest.start(program, {.host = &host}, {}));
  run_to_end(guest);
  EXPECT_EQ(guest.ended().how, Ended::How::trapped);
  EXPECT_NE(guest.ended().trap.name, "");
  EXPECT_NE(guest.ended().trap.backtrace, "");
}

TEST_F(GuestTest, TellsStackExhaustionFromOtherTraps) {
  const Program program = load("recurse");
  Guest guest;
  ASSERT_TRUE(guest.start(program, {.host = &host}, {}));
  run_to_end(guest);
  EXPECT_EQ(guest.ended().how, Ended::How::trapped);
  EXPECT_EQ(guest.ended().trap.kind, TrapReport::Kind::stack_overflow);
}

TEST_F(GuestTest, RefusesAnInstanceBeyondThePool) {
  const Program program = load("hello");
  host.again_before_done = 1000;
  std::vector<std::unique_ptr<Guest>> guests;
  for (int i = 0; i < 8; ++i) {
    guests.push_back(std::make_unique<Guest>());
    ASSERT_TRUE(guests.back()->start(program, {.host = &host}, {}));
    ASSERT_EQ(guests.back()->resume(), Guest::State::waiting);
  }
  Guest one_more;
  const auto started = one_more.start(program, {.host = &host}, {});
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code, ErrorCode::resource_exhausted);
}

/// Lets memory grow once it is told to.
struct Gate final : MemoryGate {
  Growth answer = Growth::wait;
  int asked = 0;
  Growth may_grow(std::uint64_t /*current*/, std::uint64_t /*desired*/) noexcept override {
    ++asked;
    return answer;
  }
};

TEST_F(GuestTest, WaitsForMemoryUntilItsGateOpens) {
  const Program program = load("memory_hog");
  Gate gate;
  host.leaves_waits = true;
  Guest guest;
  ASSERT_TRUE(
      guest.start(program, {.host = &host}, {.memory = ByteSize(64U << 20), .gate = &gate}));
  Guest::State state = Guest::State::runnable;
  while (state == Guest::State::runnable) state = guest.resume();
  ASSERT_EQ(state, Guest::State::waiting);
  EXPECT_EQ(gate.asked, 1);
  EXPECT_FALSE(guest.waits().awaits_input()) << "it waits for memory, and for nothing else";
  gate.answer = MemoryGate::Growth::allow;
  run_to_end(guest);
  EXPECT_GT(gate.asked, 1);
}

TEST_F(GuestTest, LeavesALargeMemoryToBeClearedPieceByPiece) {
  const Program program = load("memory_hog");
  Guest guest;
  const Guest::Limits limits{.memory = ByteSize(32U << 20)};
  ASSERT_TRUE(guest.start(program, {.host = &host}, limits));
  run_to_end(guest);
  auto remains = guest.stop_and_leave(ByteSize(8U << 20));
  ASSERT_TRUE(remains);
  int pieces = 1;
  while (!remains->clear_some(ByteSize(4U << 20))) ++pieces;
  EXPECT_GT(pieces, 4);
  // The slot is as good as new.
  host.written.clear();
  ASSERT_TRUE(guest.start(program, {.host = &host}, limits));
  run_to_end(guest);
  EXPECT_EQ(guest.ended().how, Ended::How::returned);
}

TEST_F(GuestTest, DropsASmallMemoryAtOnce) {
  const Program program = load("hello");
  Guest guest;
  ASSERT_TRUE(guest.start(program, {.host = &host}, {}));
  run_to_end(guest);
  EXPECT_FALSE(guest.stop_and_leave(ByteSize(8U << 20)));
}

class NoWait final : public Waiter {
 public:
  int waits = 0;
  bool wait(const WaitSet& /*waits*/) noexcept override {
    ++waits;
    return true;
  }
};

TEST_F(GuestTest, RunsBlockingOnThisThreadWithTheSameHostCalls) {
  const Engine single = Engine::create({.use = EngineOptions::Use::single}).value();
  load("hello");  // leaves the artefact
  const Program program =
      Program::link(single, Module::load(single, artefact_path("hello")).value(), kFunctions,
                    Program::Start::none)
          .value();
  host.again_before_done = 2;
  NoWait waiter;
  Guest guest;
  ASSERT_TRUE(guest.run(program, {.host = &host}, {}, waiter));
  EXPECT_EQ(guest.ended().how, Ended::How::returned);
  EXPECT_EQ(waiter.waits, 2);
}

}  // namespace
}  // namespace brink::wasm
