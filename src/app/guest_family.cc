#include "app/guest_family.h"

#include <sched.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <csignal>
#include <cstdio>
#include <thread>
#include <utility>

#include "app/commands.h"
#include "app/time_limits.h"
#include "package/limits.h"
#include "wasi/portable.h"
#include "wasi/process.h"
#include "wasi/thread.h"
#include "wasm/fork_guard.h"

namespace brink::app {
namespace {

using wasi::Errno;
using wasi::Outcome;

// A signal handler has nothing else to know it by.
std::atomic<GuestFamily*> receiver{nullptr};  // NOLINT(*-non-const-global-variables)

/// No handler runs in a process that is half made.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;
  ~SignalsBlocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_{};
};

struct Fork {
  pid_t child = -1;  ///< 0 in the child
  pid_t middle = 0;
};

/// A child of this process's parent: a child of a child that ends at once, so that
/// init, which adopts it, learns of all ends. The one between the two costs little,
/// having no memory of its own.
Fork fork_for_init() {
  volatile pid_t child = -1;
  volatile pid_t middle_pid = 0;
  const pid_t middle = ::vfork();  // NOLINT(*-insecureAPI.vfork): fork() and _exit() only
  if (middle == 0) {
    middle_pid = ::getpid();
    child = ::fork();
    if (child != 0) ::_exit(0);
    return {0, middle_pid};
  }
  if (middle > 0) {
    while (::waitpid(middle, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
  return {child, middle_pid};
}

}  // namespace

int look_signal() noexcept { return SIGSTKFLT; }

GuestFamily::GuestFamily(FamilyPlan& plan, FamilyChannel channel, std::uint32_t pid,
                         std::uint32_t slot)
    : plan_(plan), channel_(std::move(channel)), pid_(pid), slot_(slot) {}

void GuestFamily::connect(GuestThreads& threads, wasi::Process& process, const wasm::Engine& engine,
                          const wasm::SharedMemory* memory) {
  threads_ = &threads;
  process_ = &process;
  engine_ = &engine;
  memory_ = memory;
}

void GuestFamily::look(int /*signal*/) {
  GuestFamily* const family = receiver.load();
  if (family == nullptr) return;
  std::uint64_t pending = family->slot().pending.exchange(0);
  for (; pending != 0; pending &= pending - 1) {
    family->threads_->raise(static_cast<std::uint32_t>(std::countr_zero(pending)));
  }
}

void GuestFamily::take_signals() {
  receiver.store(this);
  struct sigaction action{};
  action.sa_handler = &GuestFamily::look;
  action.sa_flags = SA_ONSTACK | SA_RESTART;
  sigfillset(&action.sa_mask);
  ::sigaction(look_signal(), &action, nullptr);
  look(look_signal());  // what came before
}

Outcome<FamilyReply> GuestFamily::ask(const FamilyRequest& request, std::span<const int> fds) {
  if (!channel_.send(encode(request), fds)) return std::unexpected(Errno::io);
  const auto parcel = channel_.receive();
  if (!parcel) return std::unexpected(Errno::io);
  const auto reply = decode_family_reply(parcel->bytes);
  if (!reply) return std::unexpected(Errno::io);
  if (reply->error != Errno::success) return std::unexpected(reply->error);
  return *reply;
}

Result<void> GuestFamily::tell(const FamilyRequest& request) {
  return channel_.send(encode(request));
}

Result<void> GuestFamily::report(const Started& started) { return tell(started); }

void GuestFamily::end(const wasi::ProcessExit& exit, const wasm::TrapReport* trap) noexcept {
  if (trap != nullptr) {
    std::fprintf(stderr, "brink: the program crashed: %s\n%s", trap->name.c_str(),
                 trap->backtrace.c_str());
    std::fflush(stderr);
  }
  (void)tell(Ended{exit});
  ::_exit(static_cast<int>(exit.status()));
}

std::uint32_t GuestFamily::parent() const noexcept { return slot().parent.load(); }

Outcome<std::uint32_t> GuestFamily::fork(wasm::HostCall& call) {
  auto ends = FamilyChannel::pair();
  if (!ends) return std::unexpected(Errno::again);
  const int theirs = ends->second.fd();
  TRY(const FamilyReply reply, ask(ForkBegin{}, std::span(&theirs, 1)));
  ends->second = FamilyChannel();
  const SignalsBlocked blocked;
  wasm::ForkGuard guard(*engine_, memory_);
  const Fork forked = fork_for_init();
  if (forked.child == 0) {
    guard.child();
    become_child(call, std::move(ends->first), reply, forked.middle);
    return 0;
  }
  guard.parent();
  const auto host = static_cast<std::uint32_t>(std::max(forked.child, 0));
  (void)tell(Forked{reply.pid, host});
  if (host == 0) return std::unexpected(Errno::again);
  return reply.pid;
}

void GuestFamily::become_child(wasm::HostCall& call, FamilyChannel channel,
                               const FamilyReply& reply, pid_t middle) {
  // The signal of a parent's death must not come from the one that ends right now.
  while (::getppid() == middle) ::sched_yield();
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != plan_.init) ::_exit(0);
  channel_ = std::move(channel);
  pid_ = reply.pid;
  slot_ = std::min(reply.slot, kMostProcesses - 1);
  (void)tell(Forked{pid_, static_cast<std::uint32_t>(::getpid())});
  (void)arm_time_limits(package::kUnbounded, plan_.config.limits.cpu_time);
  threads_->after_fork_in_child(wasi::Thread::of(call), pid_);
  process_->after_fork_in_child();
}

Outcome<std::uint32_t> GuestFamily::launch(const wasi::ProgramRequest& request, Launch::As as) {
  Launch launch;
  launch.as = as;
  TRY(launch.command, find_command(plan_.config, request, *process_));
  launch.pid = request.pid;
  launch.arguments = request.arguments;
  if (request.environment) {
    launch.environment = *request.environment;
  } else {
    launch.environment = split_strings(process_->environ().bytes());
  }
  std::size_t bytes = 0;
  for (const auto* list : {&launch.arguments, &launch.environment}) {
    if (list->size() > kMostListed) return std::unexpected(Errno::toobig);
    for (const std::string& text : *list) bytes += text.size() + 1;
  }
  if (bytes > kMostStrings) return std::unexpected(Errno::toobig);
  launch.working_directory = request.working_directory.value_or(process_->directory());
  launch.dispositions = request.dispositions;
  launch.table = wasi::pack(request.descriptors ? *request.descriptors : process_->descriptors());
  std::vector<int> fds;
  for (const wasi::PortableDescription& open : launch.table.descriptions) {
    if (open.descriptor >= 0) fds.push_back(open.descriptor);
  }
  if (fds.size() > FamilyChannel::kMostFds) return std::unexpected(Errno::mfile);
  TRY(const FamilyReply reply, ask(launch, fds));
  return reply.pid;
}

Outcome<std::uint32_t> GuestFamily::spawn(const wasi::ProgramRequest& request) {
  return launch(request, Launch::As::child);
}

Outcome<void> GuestFamily::replace(const wasi::ProgramRequest& request) {
  TRY_VOID(launch(request, Launch::As::replacement));
  // The number has moved to the fresh process; nothing of this one is left to tell.
  ::_exit(0);
}

Outcome<std::uint32_t> GuestFamily::reserve_child() {
  TRY(const FamilyReply reply, ask(Reserve{}));
  return reply.pid;
}

void GuestFamily::end_reserved(std::uint32_t pid, wasi::ProcessExit exit) {
  (void)tell(EndReserved{pid, exit});
}

Outcome<std::optional<wasi::EndedChild>> GuestFamily::reap(std::optional<std::uint32_t> pid) {
  const auto reply = ask(Reap{pid});
  if (reply) return wasi::EndedChild{reply->pid, reply->exit};
  if (reply.error() == Errno::again) return std::nullopt;
  return std::unexpected(reply.error());
}

void GuestFamily::await_child(wasm::WaitSet& wait) noexcept {
  static_assert(sizeof slot().child_ends == sizeof(std::uint32_t));
  wait.on_futex({reinterpret_cast<const std::uint32_t*>(&slot().child_ends),
                 slot().child_ends.load(), wasm::WaitSet::Futex::Scope::family});
}

Outcome<void> GuestFamily::kill(std::uint32_t pid, std::uint32_t signal) {
  TRY_VOID(ask(Kill{pid, signal}));
  return {};
}

Outcome<std::uint32_t> GuestFamily::start_thread(wasm::HostCall& call, std::uint32_t record) {
  return threads_->start_thread(call, record);
}

bool GuestFamily::thread_runs(std::uint32_t thread) const noexcept {
  return threads_->thread_runs(thread);
}

void GuestFamily::await_thread(std::uint32_t thread, wasm::WaitSet& wait) noexcept {
  threads_->await_thread(thread, wait);
}

Outcome<void> GuestFamily::signal_thread(std::uint32_t thread, std::uint32_t signal) {
  return threads_->signal_thread(thread, signal);
}

std::uint32_t GuestFamily::parallelism() const noexcept {
  return std::max(1U, std::thread::hardware_concurrency());
}

}  // namespace brink::app
