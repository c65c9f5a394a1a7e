#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "base/result.h"
#include "base/unique_fd.h"
#include "ipc/seat.h"
#include "net/event_loop.h"
#include "node/prepared_app.h"
#include "node/role_process.h"

namespace brink::node {

class WorkerProcess;

/// Told what becomes of worker processes.
class WorkerObserver {
 public:
  virtual void worker_ready(WorkerProcess& worker) = 0;
  /// It said that it can't do its job.
  virtual void worker_failed(WorkerProcess& worker, const Error& error) = 0;
  /// It has ended and been reaped; may be destroyed once this event is over.
  virtual void worker_ended(WorkerProcess& worker, const sandbox::ExitStatus& status) = 0;

 protected:
  ~WorkerObserver() = default;
};

/// One worker process as the node sees it: its channel, its death, its place, and
/// the version of the program that it runs.
class WorkerProcess {
 public:
  enum class Stage : std::uint8_t { starting, serving, draining, ended };

  WorkerProcess(net::EventLoop& loop, WorkerObserver& observer, RoleProcess process,
                std::shared_ptr<const PreparedApp> version, std::uint32_t slot, ipc::Seat seat);
  ~WorkerProcess();

  /// Tells it what to do, with `send`, and follows it from then on.
  Result<void> start(const std::function<Result<void>(RoleProcess&)>& send);
  /// Asks it to finish what is in flight by the deadline; may be said again, with
  /// an earlier one.
  void drain(const ipc::Drain& drain);
  void kill() { sandbox::kill_group(process_.child); }

  [[nodiscard]] const std::shared_ptr<const PreparedApp>& version() const { return version_; }
  [[nodiscard]] std::uint32_t slot() const { return slot_; }
  [[nodiscard]] ipc::Seat seat() const { return seat_; }
  [[nodiscard]] Stage stage() const { return stage_; }
  [[nodiscard]] pid_t pid() const { return process_.child.pid; }
  [[nodiscard]] MonotonicTime started() const { return started_; }
  /// By when it has to have ended, if it drains.
  [[nodiscard]] std::optional<MonotonicTime> deadline() const { return deadline_; }

 private:
  /// Events of one of the two descriptors.
  struct Source final : net::EventHandler {
    Source(WorkerProcess& worker, void (WorkerProcess::*on_event)())
        : owner(worker), handle(on_event) {}
    void on_events(std::uint32_t /*events*/) override { (owner.*handle)(); }
    WorkerProcess& owner;
    void (WorkerProcess::*handle)();
  };

  void on_message();
  void on_death();
  void unwatch_channel();
  void unwatch_death();

  net::EventLoop& loop_;
  WorkerObserver& observer_;
  RoleProcess process_;
  std::shared_ptr<const PreparedApp> version_;
  std::uint32_t slot_;
  ipc::Seat seat_;
  MonotonicTime started_;
  std::optional<MonotonicTime> deadline_;
  Stage stage_ = Stage::starting;
  Source channel_events_{*this, &WorkerProcess::on_message};
  Source death_events_{*this, &WorkerProcess::on_death};
  bool channel_watched_ = false;
  bool death_watched_ = false;
};

}  // namespace brink::node
