#include "node/worker_process.h"

#include <utility>

namespace brink::node {
namespace {

constexpr Duration kSendTime = std::chrono::seconds(2);

}  // namespace

WorkerProcess::WorkerProcess(net::EventLoop& loop, WorkerObserver& observer, RoleProcess process,
                             std::shared_ptr<const PreparedApp> version, std::uint32_t slot,
                             ipc::Seat seat)
    : loop_(loop),
      observer_(observer),
      process_(std::move(process)),
      version_(std::move(version)),
      slot_(slot),
      seat_(seat),
      started_(loop.now()) {}

WorkerProcess::~WorkerProcess() {
  unwatch_channel();
  unwatch_death();
  if (stage_ == Stage::ended) return;
  kill();
  (void)sandbox::reap(process_.child, loop_.refresh_now() + kSendTime);
}

Result<void> WorkerProcess::start(const std::function<Result<void>(RoleProcess&)>& send) {
  TRY_VOID(loop_.watch(process_.child.pidfd.get(), EPOLLIN, death_events_));
  death_watched_ = true;
  TRY_VOID(loop_.watch(process_.channel.fd(), EPOLLIN, channel_events_));
  channel_watched_ = true;
  return send(process_);
}

void WorkerProcess::unwatch_channel() {
  if (!std::exchange(channel_watched_, false)) return;
  loop_.unwatch(process_.channel.fd(), channel_events_);
}

void WorkerProcess::unwatch_death() {
  if (!std::exchange(death_watched_, false)) return;
  loop_.unwatch(process_.child.pidfd.get(), death_events_);
}

void WorkerProcess::drain(const ipc::Drain& drain) {
  if (stage_ == Stage::ended) return;
  stage_ = Stage::draining;
  deadline_ = drain.deadline;
  // One that does not even take the message will not end by itself.
  if (!process_.channel.send(drain, {}, loop_.refresh_now() + kSendTime)) kill();
}

void WorkerProcess::on_message() {
  ipc::Envelope envelope;
  const auto received = process_.channel.try_receive(envelope);
  if (received && *received == net::Transfer::would_block) return;
  if (!received || *received == net::Transfer::closed) {
    unwatch_channel();
    // What talks nonsense is not to be trusted with requests.
    if (!received) kill();
    return;
  }
  if (std::holds_alternative<ipc::Ready>(envelope.message)) {
    // One that already drains is no news to anybody.
    if (stage_ != Stage::starting) return;
    stage_ = Stage::serving;
    observer_.worker_ready(*this);
  } else if (const auto* failed = std::get_if<ipc::Failed>(&envelope.message)) {
    observer_.worker_failed(*this, failed->error);
  }
}

void WorkerProcess::on_death() {
  while (channel_watched_) {
    // What it said before it died: why, perhaps.
    ipc::Envelope envelope;
    const auto received = process_.channel.try_receive(envelope);
    if (!received || *received != net::Transfer::done) break;
    if (const auto* failed = std::get_if<ipc::Failed>(&envelope.message)) {
      observer_.worker_failed(*this, failed->error);
    }
  }
  const auto status = sandbox::try_reap(process_.child);
  if (!status || !*status) return;
  unwatch_death();
  unwatch_channel();
  // Nothing of its group may outlive it.
  sandbox::kill_group(process_.child);
  stage_ = Stage::ended;
  observer_.worker_ended(*this, **status);
}

}  // namespace brink::node
