#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/result.h"
#include "ipc/shared_page.h"
#include "ipc/wakers.h"
#include "net/event_loop.h"
#include "node/log_relay.h"
#include "node/prepared_app.h"
#include "node/worker_process.h"

namespace brink::node {

struct SupervisorOptions {
  launch::LaunchConfig::AccessLog access_log = launch::LaunchConfig::AccessLog::off;
};

/// Keeps one worker serving in every slot. A slot is a listening socket that the
/// node keeps: a worker that dies is replaced at once and its successor takes over
/// the socket with the connections queued in it. A new version of the program
/// comes as fresh workers on the same sockets; the old ones drain once the new
/// ones serve. One thread, the loop's.
class Supervisor final : public WorkerObserver {
 public:
  /// One listening socket per slot.
  static Result<std::unique_ptr<Supervisor>> create(net::EventLoop& loop, LogRelay& log,
                                                    std::vector<UniqueFd> listeners,
                                                    SupervisorOptions options);
  ~Supervisor();

  /// Starts a worker for `app` in every slot, and drains those of the version
  /// before once all are ready. Fails, and changes nothing, while too many earlier
  /// versions are draining; the first also if a process can't be started.
  Result<void> deploy(std::shared_ptr<const PreparedApp> app);

  /// Ends: sockets closed, workers told to finish by `deadline`, killed soon after.
  void stop(MonotonicTime deadline);
  void kill_all();
  [[nodiscard]] bool stopped() const { return stopping_ && workers_.empty(); }

  /// Every slot has a worker that serves the latest version.
  [[nodiscard]] bool serving() const;
  /// Why the first workers of a version could not start; taken by the caller.
  [[nodiscard]] std::optional<Error> take_failure() { return std::exchange(failure_, {}); }

  /// Restarts that had to wait; returns when to call it next.
  std::optional<MonotonicTime> tick();

  [[nodiscard]] const ipc::SharedPage& page() const { return page_; }
  [[nodiscard]] std::uint64_t restarts() const { return restarts_; }
  [[nodiscard]] std::size_t workers() const { return workers_.size(); }

 private:
  struct Slot {
    UniqueFd listener;
    std::optional<MonotonicTime> restart_at;
    std::uint32_t quick_deaths = 0;
  };

  Supervisor(net::EventLoop& loop, LogRelay& log, SupervisorOptions options, ipc::SharedPage page,
             ipc::Wakers wakers)
      : loop_(loop),
        log_(log),
        options_(options),
        page_(std::move(page)),
        wakers_(std::move(wakers)),
        generations_(page_.layout().seats, 0),
        seat_taken_(page_.layout().seats, 0) {}

  void worker_ready(WorkerProcess& worker) override;
  void worker_failed(WorkerProcess& worker, const Error& error) override;
  void worker_ended(WorkerProcess& worker, const sandbox::ExitStatus& status) override;

  Result<void> start_worker(std::uint32_t slot);
  Result<void> start_worker_at(std::uint32_t slot, ipc::Seat seat);
  Result<void> send_start(RoleProcess& process, std::uint32_t slot, ipc::Seat seat);
  std::optional<ipc::Seat> take_seat();
  void free_seat(ipc::Seat seat);
  void apply_limits();
  void note(std::string_view event, const WorkerProcess& worker, std::string_view detail);

  net::EventLoop& loop_;
  LogRelay& log_;
  SupervisorOptions options_;
  ipc::SharedPage page_;
  ipc::Wakers wakers_;
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> generations_;
  std::vector<std::uint8_t> seat_taken_;
  std::vector<std::unique_ptr<WorkerProcess>> workers_;
  std::vector<std::unique_ptr<WorkerProcess>> ended_;
  std::shared_ptr<const PreparedApp> app_;
  std::vector<WorkerProcess*> fresh_;  ///< workers of the latest version
  std::optional<Error> failure_;
  std::optional<MonotonicTime> kill_at_;
  std::uint64_t restarts_ = 0;
  bool stopping_ = false;
};

}  // namespace brink::node
