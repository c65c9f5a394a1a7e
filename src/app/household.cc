#include "app/household.h"

#include <poll.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <utility>

#include "app/guest_family.h"
#include "app/guest_process.h"
#include "app/time_limits.h"
#include "package/limits.h"
#include "sandbox/process.h"

namespace brink::app {
namespace {

using wasi::Errno;
using wasi::Outcome;
using wasi::ProcessExit;
using State = FamilyTable::Process::State;

constexpr std::uint32_t kFirst = 1;
constexpr std::uint32_t kLastSignal = 31;
constexpr std::array kForwarded = {SIGINT, SIGQUIT, SIGTERM, SIGHUP};

FamilyReply refusal(Errno error) {
  FamilyReply reply;
  reply.error = error;
  return reply;
}

FamilyReply answer(const FamilyTable::Process& process) {
  FamilyReply reply;
  reply.pid = process.pid;
  reply.slot = process.slot;
  return reply;
}

}  // namespace

Household::Household(FamilyPlan& plan, const Clock& clock)
    : plan_(plan),
      clock_(clock),
      table_(std::min(static_cast<std::uint32_t>(plan.config.limits.processes), kMostProcesses)) {}

Household::~Household() { end_all(); }

Result<void> Household::begin() {
  sigset_t taken;
  sigemptyset(&taken);
  sigaddset(&taken, SIGCHLD);
  for (const int number : kForwarded) sigaddset(&taken, number);
  ::sigprocmask(SIG_BLOCK, &taken, &before_);
  signals_.reset(::signalfd(-1, &taken, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!signals_) return std::unexpected(errno_error(ErrorCode::internal, "signalfd", errno));
  const Duration wall = plan_.config.limits.wall_time;
  if (wall != package::kUnbounded) deadline_ = clock_.now() + wall;
  const auto pid = table_.add(0);
  if (!pid || !fork_fresh(*table_.find(*pid), std::nullopt, {})) {
    return fail(ErrorCode::resource_exhausted, "the program's process cannot be made",
                "end other processes, or raise the limit of processes of this user");
  }
  connections_.back()->first = true;
  return {};
}

Result<Household::First> Household::await_first() {
  while (!first_ && !exit_) turn();
  if (first_) return *first_;
  return fail(ErrorCode::internal, "the program's process ended before it could start",
              *exit_ == 128 + SIGSYS ? "it made a forbidden system call: please report this" : "");
}

int Household::run() {
  while (!exit_) turn();
  return *exit_;
}

void Household::turn() {
  std::vector<pollfd> fds = {{signals_.get(), POLLIN, 0}};
  for (const auto& connection : connections_) fds.push_back({connection->channel.fd(), POLLIN, 0});
  int timeout = -1;
  if (deadline_) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(*deadline_ - clock_.now());
    timeout = static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 1 << 30));
  }
  const int ready = ::poll(fds.data(), fds.size(), timeout);
  if (deadline_ && clock_.now() >= *deadline_) {
    std::fputs("brink: the program reached the limit wall_time\n", stderr);
    exit_ = kOutOfTime;
    return;
  }
  if (ready <= 0) return;
  // By descriptor: requests add and remove connections.
  for (std::size_t i = 1; i < fds.size(); ++i) {
    if (fds[i].revents == 0) continue;
    const auto place = std::ranges::find(connections_, fds[i].fd,
                                         [](const auto& known) { return known->channel.fd(); });
    if (place != connections_.end()) on_connection(**place);
  }
  std::erase_if(connections_, [](const auto& known) { return known->channel.fd() < 0; });
  if (fds[0].revents != 0) on_signals();
}

void Household::on_signals() {
  signalfd_siginfo info{};
  bool reaps = false;
  while (::read(signals_.get(), &info, sizeof info) == sizeof info) {
    if (info.ssi_signo == SIGCHLD) {
      reaps = true;
    } else if (info.ssi_code <= 0) {
      // Of those from the terminal (code SI_KERNEL) each process gets its own.
      if (const auto* first = table_.find(kFirst)) signal(*first, info.ssi_signo);
    }
  }
  if (reaps) reap_host();
}

void Household::reap_host() {
  std::erase_if(replaced_, [](std::uint32_t host) {
    return ::waitpid(static_cast<pid_t>(host), nullptr, WNOHANG) != 0;
  });
  std::vector<std::uint32_t> hosts;
  for (const auto& [pid, process] : table_.processes()) {
    if (process.host_pid != 0) hosts.push_back(process.host_pid);
  }
  for (const std::uint32_t host : hosts) {
    int status = 0;
    if (::waitpid(static_cast<pid_t>(host), &status, WNOHANG) <= 0) continue;
    const FamilyTable::Process* const process = table_.find_host(host);
    if (process == nullptr) continue;
    const std::uint32_t pid = process->pid;
    ProcessExit exit =
        WIFSIGNALED(status)
            ? ProcessExit{ProcessExit::Reason::signal, static_cast<std::uint32_t>(WTERMSIG(status))}
            : ProcessExit{ProcessExit::Reason::code,
                          static_cast<std::uint32_t>(WEXITSTATUS(status))};
    // What it said before its end may still be in its channel.
    for (std::size_t i = 0; i < connections_.size(); ++i) {
      Connection& connection = *connections_[i];
      if (connection.pid != pid || connection.channel.fd() < 0) continue;
      on_connection(connection);
      connection.channel = FamilyChannel();
    }
    if (process->said && !WIFSIGNALED(status)) exit = *process->said;
    if (exit.reason == ProcessExit::Reason::signal && exit.value == SIGSYS) {
      std::fputs("brink: a process of the program was killed by SIGSYS (a forbidden system call)\n",
                 stderr);
    }
    ended(pid, exit);
  }
  std::erase_if(connections_, [](const auto& known) { return known->channel.fd() < 0; });
}

void Household::ended(std::uint32_t pid, ProcessExit exit) {
  // A vfork's child, or a fork under way, ends with the process that made it.
  std::vector<std::uint32_t> unborn;
  for (const auto& [number, process] : table_.processes()) {
    const bool connected =
        std::ranges::any_of(connections_, [&](const auto& known) { return known->pid == number; });
    if (process.parent == pid && process.state == State::reserved && !connected) {
      unborn.push_back(number);
    }
  }
  for (const std::uint32_t number : unborn) table_.withdraw(number);
  if (pid == kFirst) exit_ = static_cast<int>(exit.status());
  const std::uint32_t parent = table_.end(pid, exit);
  for (const auto& [number, process] : table_.processes()) {
    slot_of(process).parent.store(process.parent);
  }
  const FamilyTable::Process* const told = table_.find(parent);
  if (told == nullptr) return;
  announce_child_end(slot_of(*told));
  signal(*told, SIGCHLD);
}

void Household::signal(const FamilyTable::Process& process, std::uint32_t number) {
  if (process.host_pid == 0 || number == 0) return;
  const auto host = static_cast<pid_t>(process.host_pid);
  if (number == SIGKILL) {
    ::kill(host, SIGKILL);
    return;
  }
  slot_of(process).pending.fetch_or(std::uint64_t{1} << number);
  ::kill(host, look_signal());
}

FamilyPage::Slot& Household::slot_of(const FamilyTable::Process& process) const {
  return plan_.memory.page().slots[process.slot];
}

void Household::on_connection(Connection& connection) {
  while (connection.channel.fd() >= 0) {
    FamilyParcel parcel;
    const auto got = connection.channel.try_receive(parcel);
    if (got && *got == net::Transfer::would_block) return;
    if (!got || *got == net::Transfer::closed) {
      connection.channel = FamilyChannel();
      // A fork whose child never came to be known.
      const FamilyTable::Process* const process = table_.find(connection.pid);
      if (process != nullptr && process->state == State::reserved) {
        ended(connection.pid, {ProcessExit::Reason::signal, SIGKILL});
      }
      return;
    }
    const auto request = decode_family_request(parcel.bytes);
    if (!request) {
      // Nothing of ours sends this. Its number stays what it is until it is dead.
      connection.channel = FamilyChannel();
      if (const auto* process = table_.find(connection.pid)) signal(*process, SIGKILL);
      return;
    }
    handle(connection, *request, std::move(parcel.fds));
  }
}

void Household::handle(Connection& connection, const FamilyRequest& request,
                       std::vector<UniqueFd> fds) {
  std::optional<FamilyReply> reply;
  if (std::holds_alternative<ForkBegin>(request)) {
    reply = begin_fork(connection, std::move(fds));
  } else if (const auto* launch = std::get_if<Launch>(&request)) {
    reply = start(connection, *launch, std::move(fds));
  } else if (const auto* wanted = std::get_if<Reap>(&request)) {
    reply = reap(connection, *wanted);
  } else if (const auto* signal = std::get_if<Kill>(&request)) {
    reply = kill(*signal);
  } else if (std::holds_alternative<Reserve>(request)) {
    reply = reserve(connection);
  } else {
    note(connection, request);
  }
  if (reply) (void)connection.channel.send(encode(*reply));
}

/// What a process tells without awaiting an answer.
void Household::note(Connection& connection, const FamilyRequest& request) {
  if (const auto* message = std::get_if<Forked>(&request)) forked(connection, *message);
  if (const auto* message = std::get_if<Started>(&request)) started(connection, *message);
  if (const auto* message = std::get_if<Ended>(&request)) {
    if (auto* process = table_.find(connection.pid)) process->said = message->exit;
  }
  if (const auto* message = std::get_if<EndReserved>(&request)) {
    const auto* process = table_.find(message->pid);
    if (process != nullptr && process->parent == connection.pid &&
        process->state == State::reserved) {
      ended(message->pid, message->exit);
    }
  }
}

FamilyReply Household::begin_fork(const Connection& connection, std::vector<UniqueFd> fds) {
  if (fds.size() != 1) return refusal(Errno::inval);
  const auto pid = table_.add(connection.pid);
  if (!pid) return refusal(pid.error());
  const FamilyTable::Process& process = *table_.find(*pid);
  FamilyPage::Slot& slot = slot_of(process);
  slot.parent.store(connection.pid);
  slot.pending.store(0);
  auto child = std::make_unique<Connection>();
  child->pid = *pid;
  child->channel = FamilyChannel(std::move(fds.front()));
  connections_.push_back(std::move(child));
  return answer(process);
}

void Household::forked(const Connection& connection, const Forked& message) {
  FamilyTable::Process* const process = table_.find(message.pid);
  const bool known = process != nullptr && process->state == State::reserved &&
                     (process->parent == connection.pid || process->pid == connection.pid);
  if (!known) return;
  if (message.host_pid == 0) {
    for (const auto& other : connections_) {
      if (other->pid == message.pid) other->channel = FamilyChannel();
    }
    table_.withdraw(message.pid);
    return;
  }
  // Only a child of ours, which it is since the process between the two has ended.
  siginfo_t info{};
  if (::waitid(P_PID, message.host_pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0) return;
  if (table_.find_host(message.host_pid) != nullptr) return;
  process->host_pid = message.host_pid;
  process->state = State::running;
  if (slot_of(*process).pending.load() != 0) {
    ::kill(static_cast<pid_t>(message.host_pid), look_signal());
  }
  // It may have ended by now, and its signal been overlooked.
  if (info.si_pid != 0) ::kill(::getpid(), SIGCHLD);
}

FamilyReply Household::start(const Connection& connection, Launch launch,
                             std::vector<UniqueFd> fds) {
  if (launch.command >= plan_.config.commands.size()) return refusal(Errno::noent);
  FamilyTable::Process* const caller = table_.find(connection.pid);
  if (caller == nullptr) return refusal(Errno::srch);
  if (launch.as == Launch::As::replacement) {
    const std::uint32_t before = caller->host_pid;
    if (auto made = fork_fresh(*caller, std::move(launch), std::move(fds)); !made) {
      return refusal(made.error());
    }
    if (before != 0) replaced_.push_back(before);
    return answer(*caller);
  }
  std::uint32_t pid = launch.pid.value_or(0);
  const bool reserved = launch.pid.has_value();
  if (reserved) {
    const auto* process = table_.find(pid);
    if (process == nullptr || process->parent != connection.pid ||
        process->state != State::reserved) {
      return refusal(Errno::srch);
    }
  } else {
    const auto added = table_.add(connection.pid);
    if (!added) return refusal(added.error());
    pid = *added;
  }
  FamilyTable::Process& process = *table_.find(pid);
  slot_of(process).parent.store(connection.pid);
  slot_of(process).pending.store(0);
  if (auto made = fork_fresh(process, std::move(launch), std::move(fds)); !made) {
    if (!reserved) table_.withdraw(pid);
    return refusal(made.error());
  }
  return answer(process);
}

FamilyReply Household::reserve(const Connection& connection) {
  const auto pid = table_.add(connection.pid);
  if (!pid) return refusal(pid.error());
  const FamilyTable::Process& process = *table_.find(*pid);
  slot_of(process).parent.store(connection.pid);
  return answer(process);
}

FamilyReply Household::reap(const Connection& connection, const Reap& request) {
  const auto ended_child = table_.reap(connection.pid, request.pid);
  if (!ended_child) return refusal(ended_child.error());
  FamilyReply reply;
  reply.pid = ended_child->pid;
  reply.exit = ended_child->exit;
  return reply;
}

FamilyReply Household::kill(const Kill& request) {
  if (request.signal > kLastSignal) return refusal(Errno::inval);
  if (request.pid == 0) {
    for (const auto& [pid, process] : table_.processes()) signal(process, request.signal);
    return {};
  }
  const FamilyTable::Process* const process = table_.find(request.pid);
  if (process == nullptr) return refusal(Errno::srch);
  if (process->state == State::reserved && request.signal != 0) {
    slot_of(*process).pending.fetch_or(std::uint64_t{1} << request.signal);
  }
  signal(*process, request.signal);
  return {};
}

void Household::started(Connection& connection, const Started& message) {
  if (std::exchange(connection.first, false)) {
    first_ = First{message.failure};
    return;
  }
  if (message.failure) {
    std::fprintf(stderr, "brink: a program cannot be started: %s\n",
                 message.failure->text().c_str());
  }
}

Outcome<void> Household::fork_fresh(FamilyTable::Process& process, std::optional<Launch> launch,
                                    std::vector<UniqueFd> fds) {
  auto ends = FamilyChannel::pair();
  if (!ends) return std::unexpected(Errno::again);
  std::fflush(nullptr);
  const pid_t host = ::fork();
  if (host < 0) return std::unexpected(Errno::again);
  if (host == 0) {
    // Nothing of the others' may stay open here.
    connections_.clear();
    signals_.reset();
    ::close(plan_.node);
    ends->first = FamilyChannel();
    ::sigprocmask(SIG_SETMASK, &before_, nullptr);
    run_guest_process(plan_, {process.pid, process.slot, std::move(ends->second), std::move(launch),
                              std::move(fds)});
  }
  process.host_pid = static_cast<std::uint32_t>(host);
  process.state = State::running;
  auto connection = std::make_unique<Connection>();
  connection->pid = process.pid;
  connection->channel = std::move(ends->first);
  connections_.push_back(std::move(connection));
  return {};
}

void Household::end_all() noexcept {
  for (const std::uint32_t host : replaced_) ::kill(static_cast<pid_t>(host), SIGKILL);
  // Processes that are not known yet, being half forked, end with this one; and the
  // node kills the group.
  for (const auto& [pid, process] : table_.processes()) {
    if (process.host_pid != 0) ::kill(static_cast<pid_t>(process.host_pid), SIGKILL);
  }
  for (const auto& [pid, process] : table_.processes()) {
    if (process.host_pid != 0) ::waitpid(static_cast<pid_t>(process.host_pid), nullptr, 0);
  }
}

}  // namespace brink::app
