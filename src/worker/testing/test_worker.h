#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "ipc/shared_page.h"
#include "worker/schedule.h"
#include "worker/server.h"
#include "worker/testing/test_client.h"

namespace brink::worker::testing {

/// A worker without a process of its own; see README.md.
class TestWorker {
 public:
  struct Options {
    package::Limits limits = test_limits();
    package::Dialect dialect = package::Dialect::rfc3875;
    launch::LaunchConfig::AccessLog access_log = launch::LaunchConfig::AccessLog::on;
    std::uint32_t pool = 8;     ///< instances that the engine has room for
    std::uint64_t inside = 8;   ///< instances that this worker runs at once
    std::uint64_t permits = 8;  ///< instances over all workers
    std::size_t most_connections = 100;
    std::size_t listeners = 1;
    UniqueFd* disk = nullptr;  ///< if set: takes the helper's end of its socket
    enum class Sending { normal, small } sending = Sending::normal;
  };
  static package::Limits test_limits();

  /// `guest` is a program of tests/guests.
  explicit TestWorker(const std::string& guest) : TestWorker(guest, Options{}) {}
  TestWorker(const std::string& guest, const Options& options);
  ~TestWorker();

  TestClient connect(TestClient::Receiving receiving = TestClient::Receiving::normal) {
    return TestClient(address_, receiving);
  }

  /// One turn as in the worker's loop, which waits for a millisecond at most.
  void turn();
  /// Turns until `done` says so; false when that does not happen within seconds.
  bool turn_until(const std::function<bool()>& done);
  /// Turns until nothing happens any more.
  void settle();
  /// Lets the clock jump, then turns until nothing happens any more.
  void advance(Duration by);

  /// Turns until the client has `what`, `times` times, or its connection has ended.
  bool await(TestClient& client, std::string_view what, std::size_t times = 1);
  bool await_end(TestClient& client);

  [[nodiscard]] std::uint64_t counted(ipc::Counter counter) const {
    return ipc::sum_metrics(page_.all_metrics())[counter];
  }
  [[nodiscard]] std::int64_t gauge(ipc::Gauge gauge) const {
    return ipc::sum_metrics(page_.all_metrics())[gauge];
  }
  /// Nothing is held any more: permits, memory beyond a reserve, gauges, the queue.
  [[nodiscard]] bool is_idle() const;
  /// What has been logged so far.
  std::string log();

  [[nodiscard]] Server& server() { return *server_; }
  [[nodiscard]] ManualClock& clock() { return clock_; }
  [[nodiscard]] ipc::SharedPage& page() { return page_; }
  [[nodiscard]] const ipc::Wakers& wakers() const { return wakers_; }
  [[nodiscard]] Scheduler& scheduler() { return scheduler_; }
  [[nodiscard]] const net::SocketAddress& address() const { return address_; }

 private:
  launch::AppVersion build_app(const std::string& guest, const Options& options);

  ManualClock clock_;
  wasm::Engine engine_;
  ipc::SharedPage page_;
  ipc::Wakers wakers_;
  UniqueFd log_read_, log_write_;
  std::string log_text_;
  net::EventLoop loop_;
  net::DeadlineQueue deadlines_;
  Scheduler scheduler_;
  LogSink log_;
  http::DateCache dates_;
  wasi::SystemRandom random_;
  RequestIds request_ids_{1};
  std::unique_ptr<wasm::EpochTimer> epochs_;
  std::string directory_;
  launch::AppVersion app_;
  ipc::Admission admission_;
  MemoryBudget memory_;
  WaitingRoom waiting_room_;
  Reaper reaper_;
  SpoolBudget spools_;
  DiskDesk disk_;
  Services services_;
  net::SocketAddress address_;
  std::unique_ptr<Server> server_;
  std::optional<Schedule> schedule_;
};

}  // namespace brink::worker::testing
