#include "node/supervisor.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "base/json_line.h"
#include "wasi/files/scratch_home.h"

namespace brink::node {
namespace {

constexpr std::uint32_t kMostPermits = 10'000;
constexpr Duration kSendTime = std::chrono::seconds(10);
// Descriptors per message, well below what one can carry.
constexpr std::size_t kPerMessage = 32;
// A worker that lived this long has not failed at its start.
constexpr Duration kSettled = std::chrono::seconds(5);
constexpr Duration kFirstDelay = std::chrono::milliseconds(200);
constexpr std::uint32_t kMostDoublings = 6;
// A worker that has not drained by then never will.
constexpr Duration kKillAfter = std::chrono::seconds(2);
// All workers of a version have to serve by then.
constexpr Duration kStartTime = std::chrono::seconds(30);

}  // namespace

Result<std::unique_ptr<Supervisor>> Supervisor::create(net::EventLoop& loop, LogRelay& log,
                                                       std::vector<UniqueFd> listeners,
                                                       SupervisorOptions options) {
  // While a version replaces another, each slot has two workers; one more may
  // just have died.
  const auto seats =
      static_cast<std::uint32_t>(std::min<std::size_t>(listeners.size() * 3, ipc::kMaxSeats));
  TRY(ipc::SharedPage page,
      ipc::SharedPage::create({.seats = seats, .apps = 1, .permits_per_app = kMostPermits}));
  TRY(ipc::Wakers wakers, ipc::Wakers::create(seats));
  std::unique_ptr<Supervisor> supervisor(
      new Supervisor(loop, log, options, std::move(page), std::move(wakers)));
  for (UniqueFd& listener : listeners) {
    supervisor->slots_.push_back({.listener = std::move(listener), .restart_at = {}});
  }
  return supervisor;
}

Supervisor::~Supervisor() { workers_.clear(); }

Result<ipc::Seat> Supervisor::take_seat() {
  const auto free = std::ranges::find(seat_taken_, 0);
  if (free == seat_taken_.end()) {
    return fail(ErrorCode::resource_exhausted, "too many workers are still finishing requests",
                "try again when they have, or lower limits.grace");
  }
  *free = 1;
  const auto index = static_cast<std::uint32_t>(free - seat_taken_.begin());
  return ipc::Seat{index, ++generations_[index]};
}

void Supervisor::give_back(ipc::Seat seat) {
  page_.free_seat(seat, wakers_, 1);
  seat_taken_[seat.index] = 0;
}

/// While two versions serve side by side, the larger limit of each kind holds.
void Supervisor::apply_limits() {
  std::uint64_t instances = 0;
  ByteSize memory;
  for (const Version& version : {current_, candidate_}) {
    if (!version) continue;
    instances = std::max(instances, version->spec.limits.instances);
    memory = std::max(memory, version->spec.limits.memory_sum);
  }
  page_.permits(0).set_limit(
      static_cast<std::uint32_t>(std::min<std::uint64_t>(instances, kMostPermits)));
  page_.app_memory(0).set_limit(memory);
  page_.node_memory().set_limit(memory);
  page_.wake_waiting(0, wakers_);
}

Result<void> Supervisor::deploy(Version app) {
  abandon();
  // Before anything starts: half a version would neither serve nor replace another.
  if (static_cast<std::size_t>(std::ranges::count(seat_taken_, 0)) < slots_.size()) {
    return fail(ErrorCode::resource_exhausted,
                "workers of earlier versions still finish their requests",
                "try again when they have: limits.grace bounds the time");
  }
  outcome_.reset();
  candidate_ = std::move(app);
  candidate_deadline_ = loop_.refresh_now() + kStartTime;
  apply_limits();
  for (std::uint32_t slot = 0; slot < slots_.size(); ++slot) {
    if (auto started = start_worker(slot, candidate_); !started) {
      abandon();
      return started;
    }
  }
  return {};
}

/// All workers of the candidate serve.
void Supervisor::promote() {
  current_ = std::exchange(candidate_, nullptr);
  for (Slot& slot : slots_) {
    slot.restart_at.reset();
    slot.quick_deaths = 0;
  }
  for (const auto& worker : workers_) {
    if (worker->version() == current_ || worker->stage() == WorkerProcess::Stage::draining)
      continue;
    drain(*worker, ipc::Drain::Successor::serves);
  }
  apply_limits();
  outcome_ = Result<void>();
}

/// Ends the candidate's workers; those that serve finish their requests.
void Supervisor::abandon() {
  const Version given_up = std::exchange(candidate_, nullptr);
  if (!given_up) return;
  for (const auto& worker : workers_) {
    if (worker->version() != given_up) continue;
    worker->stage() == WorkerProcess::Stage::serving ? drain(*worker, ipc::Drain::Successor::serves)
                                                     : worker->kill();
  }
  apply_limits();
}

void Supervisor::give_up(Error why) {
  abandon();
  outcome_ = std::unexpected(std::move(why));
}

Result<void> Supervisor::send_start(RoleProcess& process, const PreparedApp& app,
                                    std::uint32_t slot, ipc::Seat seat) {
  launch::LaunchConfig config = app.config();
  config.access_log = options_.access_log;
  config.slot = slot;
  config.workers = static_cast<std::uint32_t>(slots_.size());
  config.seat = seat;
  config.seats = page_.layout().seats;
  TRY(const UniqueFd log, log_.open());
  std::vector<std::string> names = {"listener/0", "shared_page", "log"};
  std::vector<int> fds = {slots_[slot].listener.get(), page_.fd(), log.get()};
  app.add_descriptors(names, fds);
  for (std::uint32_t i = 0; i < wakers_.seats(); ++i) {
    names.push_back("waker/" + std::to_string(i));
    fds.push_back(wakers_.fd(i));
  }
  // As many messages as it takes; the last one brings the configuration.
  const MonotonicTime deadline = loop_.refresh_now() + kSendTime;
  for (std::size_t done = 0; done < fds.size();) {
    const std::size_t count = std::min(fds.size() - done, kPerMessage);
    ipc::Start start;
    start.descriptors.assign(names.begin() + static_cast<std::ptrdiff_t>(done),
                             names.begin() + static_cast<std::ptrdiff_t>(done + count));
    if (done + count == fds.size()) start.configuration = encode(config);
    TRY_VOID(process.channel.send(start, std::span(fds).subspan(done, count), deadline));
    done += count;
  }
  return {};
}

Result<void> Supervisor::start_worker(std::uint32_t slot, const Version& version) {
  TRY(const ipc::Seat seat, take_seat());
  auto process = start_role(ipc::Role::worker, slot);
  if (!process) {
    give_back(seat);
    return std::unexpected(std::move(process).error());
  }
  auto worker =
      std::make_unique<WorkerProcess>(loop_, *this, std::move(*process), version, slot, seat);
  auto started =
      worker->start([&](RoleProcess& child) { return send_start(child, *version, slot, seat); });
  if (!started) {
    worker.reset();  // dead before its seat is anybody else's
    give_back(seat);
    return started;
  }
  workers_.push_back(std::move(worker));
  return {};
}

bool Supervisor::all_serve(const Version& version) const {
  const auto serves = [&](const auto& worker) {
    return worker->version() == version && worker->stage() == WorkerProcess::Stage::serving;
  };
  return version && std::ranges::count_if(workers_, serves) == std::ssize(slots_);
}

bool Supervisor::serving() const { return all_serve(current_); }

void Supervisor::worker_ready(WorkerProcess& /*worker*/) {
  if (all_serve(candidate_)) promote();
}

void Supervisor::worker_failed(WorkerProcess& worker, const Error& error) {
  note("worker_failed", worker.slot(), worker.pid(), error.text());
  if (worker.version() == candidate_) give_up(error);
}

void Supervisor::worker_ended(WorkerProcess& worker, const sandbox::ExitStatus& status) {
  give_back(worker.seat());
  // What it could not remove itself, being locked out of the folder around it.
  (void)wasi::files::sweep(worker.version()->scratch.get());
  const auto found = std::ranges::find(workers_, &worker, &std::unique_ptr<WorkerProcess>::get);
  ended_.push_back(std::move(*found));
  workers_.erase(found);
  if (stopping_) return;
  const bool was_candidate = worker.version() == candidate_;
  const bool was_current = worker.version() == current_ && !worker.deadline();
  if (!was_candidate && !was_current) return;
  note("worker_ended", worker.slot(), worker.pid(), status.text());
  if (was_candidate) {
    return give_up({ErrorCode::internal, "a worker ended before all served: " + status.text(),
                    "the log may say more"});
  }
  plan_restart(worker);
  restart_due(loop_.now());
}

void Supervisor::plan_restart(const WorkerProcess& worker) {
  ++restarts_;
  Slot& slot = slots_[worker.slot()];
  const bool quick = loop_.refresh_now() - worker.started() < kSettled;
  slot.quick_deaths = quick ? slot.quick_deaths + 1 : 0;
  // The first replacement comes at once; one that keeps dying waits longer each time.
  const std::uint32_t doublings = std::min(slot.quick_deaths, kMostDoublings);
  const Duration delay = slot.quick_deaths < 2 ? Duration(0) : kFirstDelay * (1 << doublings);
  slot.restart_at = loop_.now() + delay;
}

/// Starts the workers whose time has come; returns when the next one's comes.
std::optional<MonotonicTime> Supervisor::restart_due(MonotonicTime now) {
  std::optional<MonotonicTime> next;
  for (std::uint32_t slot = 0; slot < slots_.size(); ++slot) {
    auto& at = slots_[slot].restart_at;
    if (!at) continue;
    if (now >= *at) {
      at.reset();
      if (const auto started = start_worker(slot, current_); !started) {
        note("worker_not_started", slot, 0, started.error().text());
        at = loop_.refresh_now() + kFirstDelay;
      }
    }
    if (at && (!next || *at < *next)) next = at;
  }
  return next;
}

/// Kills the workers that should have drained; returns when to look again.
std::optional<MonotonicTime> Supervisor::kill_overdue(MonotonicTime now) {
  std::optional<MonotonicTime> next;
  for (const auto& worker : workers_) {
    if (!worker->deadline()) continue;
    MonotonicTime at = *worker->deadline() + kKillAfter;
    if (now >= at) {
      worker->kill();
      at = now + kKillAfter;
    }
    if (!next || at < *next) next = at;
  }
  return next;
}

std::optional<MonotonicTime> Supervisor::tick() {
  ended_.clear();
  const MonotonicTime now = loop_.refresh_now();
  if (candidate_ && !stopping_ && now >= candidate_deadline_) {
    give_up({ErrorCode::internal, "the workers do not start", "the log may say more"});
  }
  std::optional<MonotonicTime> next = kill_overdue(now);
  if (stopping_) return next;
  const auto earlier = [&](std::optional<MonotonicTime> when) {
    if (when && (!next || *when < *next)) next = when;
  };
  earlier(restart_due(now));
  if (candidate_) earlier(candidate_deadline_);
  return next;
}

void Supervisor::drain(WorkerProcess& worker, ipc::Drain::Successor successor) {
  worker.drain({loop_.refresh_now() + worker.version()->spec.limits.grace, successor});
}

void Supervisor::stop() {
  stopping_ = true;
  for (Slot& slot : slots_) slot.listener.reset();
  for (const auto& worker : workers_) drain(*worker, ipc::Drain::Successor::none);
}

void Supervisor::kill_all() {
  for (const auto& worker : workers_) worker->kill();
}

void Supervisor::note(std::string_view event, std::uint32_t slot, pid_t pid,
                      std::string_view detail) {
  std::string line;
  JsonLine(line)
      .time("time", loop_.clock().wall())
      .field("stream", "node")
      .field("event", event)
      .field("worker", slot)
      .field("pid", std::int64_t{pid})
      .field("detail", detail)
      .end();
  log_.write(line);
}

}  // namespace brink::node
