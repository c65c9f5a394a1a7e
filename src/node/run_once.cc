#include "node/run_once.h"

#include <sys/signalfd.h>
#include <unistd.h>

#include <csignal>
#include <utility>

#include "net/event_loop.h"
#include "node/role_process.h"
#include "node/signal_source.h"
#include "wasi/files/scratch_home.h"

namespace brink::node {
namespace {

constexpr Duration kStartTime = std::chrono::seconds(30);

/// Hands the terminal to a process group, and takes it back in the end: only the
/// foreground group may read from it, and gets its Ctrl-C.
class Foreground {
 public:
  explicit Foreground(pid_t group) : own_(::tcgetpgrp(STDIN_FILENO)) {
    if (own_ != ::getpgrp()) return;
    std::signal(SIGTTOU, SIG_IGN);
    taken_ = ::tcsetpgrp(STDIN_FILENO, group) == 0;
  }
  Foreground(const Foreground&) = delete;
  Foreground& operator=(const Foreground&) = delete;
  ~Foreground() {
    if (taken_) ::tcsetpgrp(STDIN_FILENO, own_);
  }

 private:
  pid_t own_;
  bool taken_ = false;
};

struct Death final : net::EventHandler {
  bool seen = false;
  void on_events(std::uint32_t /*events*/) override { seen = true; }
};

}  // namespace

Result<int> run_once(const PreparedApp& app) {
  const SystemClock clock;
  TRY(net::EventLoop loop, net::EventLoop::create(clock));
  TRY(RoleProcess process, start_role(ipc::Role::app, 0));
  TRY(const auto signals, SignalSource::create(loop, {SIGTERM, SIGINT, SIGHUP}, [&](int signal) {
        (void)sandbox::send_signal(process.child, signal);
      }));
  const Foreground foreground(process.child.pid);
  ipc::Start start{encode(app.config()), {}};
  std::vector<int> fds;
  app.add_descriptors(start.descriptors, fds);
  TRY_VOID(process.channel.send(start, fds, clock.now() + kStartTime));
  auto answer = process.channel.receive(clock.now() + kStartTime);
  if (answer) {
    if (auto* failed = std::get_if<ipc::Failed>(&answer->message)) {
      return std::unexpected(std::move(failed->error));
    }
  }
  Death death;
  TRY_VOID(loop.watch(process.child.pidfd.get(), EPOLLIN, death));
  while (!death.seen) loop.turn(std::nullopt);
  TRY(const auto status, sandbox::try_reap(process.child));
  sandbox::kill_group(process.child);
  // What it could not remove itself: a signal has ended it.
  (void)wasi::files::sweep(app.scratch.get());
  if (!status) return fail(ErrorCode::internal, "the program's process has no exit status");
  return status->signal() != 0 ? 128 + status->signal() : status->code();
}

}  // namespace brink::node
