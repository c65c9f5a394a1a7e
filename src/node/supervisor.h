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
/// the socket with the connections queued in it. One thread, the loop's.
///
/// A new version of the program comes as fresh workers on the same sockets. Until
/// all of them serve it is a candidate: the current version's workers go on, and
/// are replaced by their like. Then it becomes the current version and the others
/// drain. If one of its workers fails, dies or takes too long first, the candidate
/// is given up and the current version stays.
class Supervisor final : public WorkerObserver {
 public:
  /// One listening socket per slot.
  static Result<std::unique_ptr<Supervisor>> create(net::EventLoop& loop, LogRelay& log,
                                                    std::vector<UniqueFd> listeners,
                                                    SupervisorOptions options);
  ~Supervisor();

  /// Makes `app` the candidate, in place of one that is still starting. Fails if a
  /// process can't be started; otherwise take_outcome() says what became of it.
  Result<void> deploy(std::shared_ptr<const PreparedApp> app);

  /// What became of the candidate: it serves, or why it does not. Once per
  /// deployment, nothing while it is under way.
  [[nodiscard]] std::optional<Result<void>> take_outcome() { return std::exchange(outcome_, {}); }

  /// Ends: sockets closed, workers told to finish within their grace, killed soon after.
  void stop();
  void kill_all();
  [[nodiscard]] bool stopped() const { return stopping_ && workers_.empty(); }

  /// Every slot has a worker that serves the current version.
  [[nodiscard]] bool serving() const;

  /// Does what had to wait: restarts, giving up on what takes too long. Call it
  /// after every turn of the loop; returns when to call it next.
  std::optional<MonotonicTime> tick();

  [[nodiscard]] const ipc::SharedPage& page() const { return page_; }
  [[nodiscard]] std::uint64_t restarts() const { return restarts_; }
  [[nodiscard]] std::size_t workers() const { return workers_.size(); }

 private:
  using Version = std::shared_ptr<const PreparedApp>;

  struct Slot {
    UniqueFd listener;
    std::optional<MonotonicTime> restart_at;  ///< of the current version's worker
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

  Result<void> start_worker(std::uint32_t slot, const Version& version);
  Result<void> send_start(RoleProcess& process, const PreparedApp& app, std::uint32_t slot,
                          ipc::Seat seat);
  Result<ipc::Seat> take_seat();
  void give_back(ipc::Seat seat);
  void promote();
  void abandon();
  void give_up(Error why);
  void plan_restart(const WorkerProcess& worker);
  std::optional<MonotonicTime> restart_due(MonotonicTime now);
  std::optional<MonotonicTime> kill_overdue(MonotonicTime now);
  void drain(WorkerProcess& worker, ipc::Drain::Successor successor);
  [[nodiscard]] bool all_serve(const Version& version) const;
  void apply_limits();
  void note(std::string_view event, std::uint32_t slot, pid_t pid, std::string_view detail);

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
  Version current_;
  Version candidate_;
  MonotonicTime candidate_deadline_{};
  std::optional<Result<void>> outcome_;
  std::uint64_t restarts_ = 0;
  bool stopping_ = false;
};

}  // namespace brink::node
