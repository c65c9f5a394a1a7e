#include "worker/testing/test_worker.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <utility>

#include "net/listener.h"
#include "wasm/module.h"

namespace brink::worker::testing {
namespace {

using namespace std::chrono_literals;

constexpr std::uint32_t kSeats = 2;
constexpr std::uint32_t kPermits = 16;
constexpr Duration kPatience = 8s;  // of real time, for something that has gone wrong

/// The program's artefact; compiled once per test program.
UniqueFd artefact(const std::string& guest) {
  static std::map<std::string, std::string> compiled;
  std::string& bytes = compiled[guest];
  if (bytes.empty()) {
    std::ifstream file(std::string(BRINK_GUEST_DIR) + "/" + guest + ".wasm", std::ios::binary);
    const std::string wasm{std::istreambuf_iterator<char>(file), {}};
    const auto engine = wasm::Engine::create({.use = wasm::EngineOptions::Use::compile}).value();
    bytes = wasm::compile(engine, std::as_bytes(std::span(wasm))).value();
  }
  UniqueFd out(::open(::testing::TempDir().c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  EXPECT_EQ(::write(out.get(), bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
  return out;
}

std::string make_directory() {
  std::string path = ::testing::TempDir() + "/worker_test_XXXXXX";
  EXPECT_NE(::mkdtemp(path.data()), nullptr);
  return path;
}

/// Opens a pipe and returns its writing end.
int open_pipe(UniqueFd& read_end, UniqueFd& write_end) {
  std::array<int, 2> ends{};
  EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK), 0);
  read_end.reset(ends[0]);
  write_end.reset(ends[1]);
  return ends[1];
}

/// The worker's end, when the test wants the other one.
UniqueFd open_disk(const TestWorker::Options& options) {
  if (options.disk == nullptr) return UniqueFd();
  std::array<int, 2> ends{};
  EXPECT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()), 0);
  options.disk->reset(ends[1]);
  return UniqueFd(ends[0]);
}

}  // namespace

package::Limits TestWorker::test_limits() {
  package::Limits limits;
  limits.memory = 32_MiB;
  limits.memory_sum = 1_GiB;
  limits.queue = 8;
  return limits;
}

launch::AppVersion TestWorker::build_app(const std::string& guest, const Options& options) {
  launch::LaunchConfig config;
  config.app = "test";
  config.arguments = {guest};
  config.limits = options.limits;
  config.dialect = options.dialect;
  config.access_log = options.access_log;
  config.seats = kSeats;
  wasm::Program program = launch::load_program(engine_, config, artefact(guest)).value();
  launch::AppFiles files;
  files.scratch_base.reset(::open(directory_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return launch::build_app(std::move(program), std::move(config), std::move(files)).value();
}

TestWorker::TestWorker(const std::string& guest, const Options& options)
    : engine_(wasm::Engine::create({.use = wasm::EngineOptions::Use::serve,
                                    .instances = options.pool,
                                    .max_memory = options.limits.memory})
                  .value()),
      page_(ipc::SharedPage::create({kSeats, 1, kPermits}).value()),
      wakers_(ipc::Wakers::create(kSeats).value()),
      loop_(net::EventLoop::create(clock_).value()),
      deadlines_(clock_.now()),
      log_(open_pipe(log_read_, log_write_), clock_, ipc::Metrics(page_.metrics(0))),
      epochs_(wasm::EpochTimer::create(engine_).value()),
      directory_(make_directory()),
      app_(build_app(guest, options)),
      admission_(page_.admission(0, {}, wakers_)),
      memory_((page_.app_memory(0).set_limit(options.limits.memory_sum), page_.app_memory(0)), 0,
              app_.baseline(), options.limits.memory),
      waiting_room_(admission_, wakers_, 0, memory_,
                    {.waiting = options.limits.queue, .inside = options.inside}),
      reaper_(waiting_room_, memory_),
      spools_(options.limits.spool, ipc::Metrics(page_.metrics(0))),
      disk_(loop_, log_, open_disk(options)),
      services_{.loop = loop_,
                .deadlines = deadlines_,
                .scheduler = scheduler_,
                .epochs = *epochs_,
                .app = app_,
                .waiting_room = waiting_room_,
                .memory = memory_,
                .reaper = reaper_,
                .spools = spools_,
                .disk = disk_,
                .log = log_,
                .metrics = ipc::Metrics(page_.metrics(0)),
                .dates = dates_,
                .random = random_,
                .request_ids = request_ids_} {
  page_.permits(0).set_limit(static_cast<std::uint32_t>(options.permits));
  auto listeners =
      net::open_tcp_listeners(net::parse_socket_address("127.0.0.1:0").value(), options.listeners)
          .value();
  address_ = listeners.address;
  if (options.sending == Options::Sending::small) {
    const int bytes = 4096;  // inherited by what is accepted
    for (const UniqueFd& socket : listeners.sockets) {
      ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
    }
  }
  server_ =
      std::make_unique<Server>(services_, std::move(listeners.sockets), options.most_connections);
  schedule_.emplace(services_, *server_);
  EXPECT_TRUE(loop_.watch(wakers_.fd(0), EPOLLIN, waiting_room_));
  EXPECT_TRUE(disk_.start());
  EXPECT_TRUE(server_->start());
}

TestWorker::~TestWorker() {
  server_.reset();
  while (reaper_.busy()) reaper_.turn();
  EXPECT_TRUE(is_idle());
  app_.scratch.reset();
  std::filesystem::remove_all(directory_);
}

void TestWorker::turn() { schedule_->turn(1ms); }

bool TestWorker::turn_until(const std::function<bool()>& done) {
  const SystemClock real;
  const MonotonicTime give_up = real.now() + kPatience;
  while (!done()) {
    if (real.now() > give_up) return false;
    turn();
  }
  return true;
}

void TestWorker::settle() {
  // Loopback delivers at once: a few turns without work mean that there is none.
  for (int quiet = 0; quiet < 5;) {
    const bool busy = scheduler_.has_ready();
    turn();
    quiet = busy ? 0 : quiet + 1;
  }
}

void TestWorker::advance(Duration by) {
  clock_.advance(by);
  settle();
}

bool TestWorker::await(TestClient& client, std::string_view what, std::size_t times) {
  turn_until([&] {
    client.receive();
    return client.count(what) >= times || client.end() != TestClient::End::none;
  });
  return client.count(what) >= times;
}

bool TestWorker::await_end(TestClient& client) {
  return turn_until([&] {
    client.receive();
    return client.end() != TestClient::End::none;
  });
}

bool TestWorker::is_idle() const {
  return page_.permits(0).held() == 0 && gauge(ipc::Gauge::requests_active) == 0 &&
         gauge(ipc::Gauge::requests_queued) == 0 && gauge(ipc::Gauge::spooled_bytes) == 0 &&
         gauge(ipc::Gauge::guests_running) == 0 && waiting_room_.waiting() == 0 &&
         !page_.line(0).waits(0) && page_.app_memory(0).used_by(0, ipc::MemoryShare::big) == 0_B;
}

std::string TestWorker::log() {
  log_.flush();
  std::array<char, 65536> piece;
  for (ssize_t got; (got = ::read(log_read_.get(), piece.data(), piece.size())) > 0;) {
    log_text_.append(piece.data(), static_cast<std::size_t>(got));
    log_.flush();
  }
  return log_text_;
}

}  // namespace brink::worker::testing
