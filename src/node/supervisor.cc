#include "node/supervisor.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "base/check.h"
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
constexpr Duration kKillAfter = std::chrono::seconds(2);

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

std::optional<ipc::Seat> Supervisor::take_seat() {
  const auto free = std::ranges::find(seat_taken_, 0);
  if (free == seat_taken_.end()) return std::nullopt;
  *free = 1;
  const auto index = static_cast<std::uint32_t>(free - seat_taken_.begin());
  return ipc::Seat{index, ++generations_[index]};
}

void Supervisor::free_seat(ipc::Seat seat) {
  page_.free_seat(seat, wakers_, 1);
  seat_taken_[seat.index] = 0;
}

void Supervisor::apply_limits() {
  const package::Limits& limits = app_->spec.limits;
  page_.permits(0).set_limit(
      static_cast<std::uint32_t>(std::min<std::uint64_t>(limits.instances, kMostPermits)));
  page_.app_memory(0).set_limit(limits.memory_sum);
  page_.node_memory().set_limit(limits.memory_sum);
}

Result<void> Supervisor::deploy(std::shared_ptr<const PreparedApp> app) {
  const bool first = app_ == nullptr;
  // Before anything changes: half a version would neither serve nor replace another.
  if (static_cast<std::size_t>(std::ranges::count(seat_taken_, 0)) < slots_.size()) {
    return fail(ErrorCode::resource_exhausted,
                "workers of earlier versions still finish their requests",
                "try again when they have: limits.grace bounds the time");
  }
  app_ = std::move(app);
  apply_limits();
  fresh_.clear();
  for (std::uint32_t slot = 0; slot < slots_.size(); ++slot) {
    slots_[slot].restart_at.reset();
    slots_[slot].quick_deaths = 0;
    const auto started = start_worker(slot);
    if (!started && first) return started;
    if (!started) slots_[slot].restart_at = loop_.now() + kFirstDelay;
  }
  return {};
}

Result<void> Supervisor::send_start(RoleProcess& process, std::uint32_t slot, ipc::Seat seat) {
  launch::LaunchConfig config = app_->config();
  config.access_log = options_.access_log;
  config.slot = slot;
  config.workers = static_cast<std::uint32_t>(slots_.size());
  config.seat = seat;
  config.seats = page_.layout().seats;
  TRY(const UniqueFd log, log_.open());
  std::vector<std::string> names = {"listener/0", "shared_page", "log"};
  std::vector<int> fds = {slots_[slot].listener.get(), page_.fd(), log.get()};
  app_->add_descriptors(names, fds);
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

Result<void> Supervisor::start_worker(std::uint32_t slot) {
  const auto seat = take_seat();
  if (!seat) return fail(ErrorCode::resource_exhausted, "too many workers end at once");
  auto started = start_worker_at(slot, *seat);
  if (!started) free_seat(*seat);
  return started;
}

Result<void> Supervisor::start_worker_at(std::uint32_t slot, ipc::Seat seat) {
  TRY(RoleProcess process, start_role(ipc::Role::worker, slot));
  auto worker = std::make_unique<WorkerProcess>(loop_, *this, std::move(process), slot, seat);
  TRY_VOID(worker->start([&](RoleProcess& child) { return send_start(child, slot, seat); }));
  fresh_.push_back(worker.get());
  workers_.push_back(std::move(worker));
  return {};
}

bool Supervisor::serving() const {
  return fresh_.size() == slots_.size() && std::ranges::all_of(fresh_, [](const WorkerProcess* w) {
           return w->stage() == WorkerProcess::Stage::serving;
         });
}

void Supervisor::worker_ready(WorkerProcess& /*worker*/) {
  if (!serving()) return;
  const MonotonicTime deadline = loop_.refresh_now() + app_->spec.limits.grace;
  for (const auto& worker : workers_) {
    if (std::ranges::find(fresh_, worker.get()) == fresh_.end())
      worker->drain({deadline, ipc::Drain::Successor::serves});
  }
}

void Supervisor::worker_failed(WorkerProcess& worker, const Error& error) {
  note("worker_failed", worker, error.text());
  failure_ = error;
}

void Supervisor::worker_ended(WorkerProcess& worker, const sandbox::ExitStatus& status) {
  free_seat(worker.seat());
  const bool was_fresh = std::erase(fresh_, &worker) != 0;
  const auto found = std::ranges::find(workers_, &worker, &std::unique_ptr<WorkerProcess>::get);
  ended_.push_back(std::move(*found));
  workers_.erase(found);
  if (stopping_ || !was_fresh) return;
  note("worker_ended", worker, status.text());
  ++restarts_;
  Slot& slot = slots_[worker.slot()];
  const bool quick = loop_.refresh_now() - worker.started() < kSettled;
  slot.quick_deaths = quick ? slot.quick_deaths + 1 : 0;
  // The first replacement comes at once; one that keeps dying waits longer each time.
  const std::uint32_t doublings = std::min(slot.quick_deaths, kMostDoublings);
  const Duration delay = slot.quick_deaths < 2 ? Duration(0) : kFirstDelay * (1 << doublings);
  slot.restart_at = loop_.now() + delay;
  tick();
}

std::optional<MonotonicTime> Supervisor::tick() {
  ended_.clear();
  const MonotonicTime now = loop_.refresh_now();
  std::optional<MonotonicTime> next = kill_at_;
  if (kill_at_ && now >= *kill_at_) {
    kill_all();
    next = kill_at_ = now + kKillAfter;
  }
  if (stopping_) return next;
  for (std::uint32_t slot = 0; slot < slots_.size(); ++slot) {
    auto& at = slots_[slot].restart_at;
    if (!at) continue;
    if (now >= *at) {
      at.reset();
      if (!start_worker(slot)) at = now + kFirstDelay;
    }
    if (at && (!next || *at < *next)) next = at;
  }
  return next;
}

void Supervisor::stop(MonotonicTime deadline) {
  stopping_ = true;
  for (Slot& slot : slots_) slot.listener.reset();
  for (const auto& worker : workers_) worker->drain({deadline, ipc::Drain::Successor::none});
  kill_at_ = deadline + kKillAfter;
}

void Supervisor::kill_all() {
  for (const auto& worker : workers_) worker->kill();
}

void Supervisor::note(std::string_view event, const WorkerProcess& worker,
                      std::string_view detail) {
  std::string line;
  JsonLine(line)
      .time("time", loop_.clock().wall())
      .field("stream", "node")
      .field("event", event)
      .field("worker", worker.slot())
      .field("pid", std::int64_t{worker.pid()})
      .field("detail", detail)
      .end();
  log_.write(line);
}

}  // namespace brink::node
