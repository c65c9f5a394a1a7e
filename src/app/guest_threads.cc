#include "app/guest_threads.h"

#include <linux/futex.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <climits>
#include <csignal>
#include <memory>
#include <utility>
#include <vector>

#include "app/thread_waiter.h"

namespace brink::app {
namespace {

using wasi::Errno;
using wasi::Outcome;
using wasi::Thread;

// The top bits are libc's own, in its locks.
constexpr std::uint32_t kLastId = 0x1fff'ffff;
// Beside the stack that the engine asks for: what the C library keeps there.
constexpr std::size_t kStackExtra = 64U << 10;

// In the record that a program starts a thread with.
constexpr std::uint32_t kStackTop = 0;
constexpr std::uint32_t kStackSize = 56;

/// Where the new thread's stack ends; 0: the record does not say.
std::uint32_t stack_floor(const wasm::HostCall& call, std::uint32_t record) {
  if (record > UINT32_MAX - kStackSize) return 0;
  const auto top = call.memory.load<std::uint32_t>(record + kStackTop);
  const auto size = call.memory.load<std::uint32_t>(record + kStackSize);
  return top && size && *size < *top ? *top - *size : 0;
}

}  // namespace

struct GuestThreads::Impl {
  /// A thread, or room for one. Signal handlers look at it: it stays where it is.
  struct Slot {
    explicit Slot(const Clock& clock) : waiter(clock) {}

    std::atomic<std::uint32_t> id{0};     ///< 0: free; changed in a turn only
    std::atomic<std::uint32_t> ended{0};  ///< a futex, changed whenever one ends
    ThreadWaiter waiter;
    Thread* thread = nullptr;     ///< in a turn only
    std::unique_ptr<Thread> own;  ///< of those that are not the first
  };

  /// What a new OS thread is given.
  struct Start {
    Impl* impl;
    Slot* slot;
    std::array<std::uint32_t, 2> arguments;
    std::uint32_t stack_floor;
  };

  explicit Impl(const ThreadSetup& given) : setup(given) {
    for (std::uint32_t i = 0; i < setup.most_threads; ++i) {
      slots.push_back(std::make_unique<Slot>(setup.clock));
    }
  }

  Slot* find(std::uint32_t id) {
    for (const auto& slot : slots) {
      if (slot->id.load(std::memory_order_relaxed) == id) return slot.get();
    }
    return nullptr;
  }

  std::uint32_t fresh_id() {
    do {
      next_id = next_id >= kLastId ? 1 : next_id + 1;
    } while (find(next_id) != nullptr);
    return next_id;
  }

  wasm::Surroundings surroundings(Thread& thread) {
    return {&setup.process, &thread, &thread.signals, &lock};
  }

  bool create_thread(Start* start);
  void run_thread(const Start& start);
  void end_thread(Slot& slot);
  void conclude(const wasm::Guest& guest, Slot& slot);
  [[noreturn]] void end_process(const wasi::ProcessExit& exit, const wasm::TrapReport* trap);

  const ThreadSetup setup;
  wasm::CallLock lock;
  std::vector<std::unique_ptr<Slot>> slots;
  std::uint32_t next_id = 0;
  std::uint32_t main_id = 0;
  std::atomic<std::uint32_t> running{0};
  std::atomic<bool> ending{false};
};

GuestThreads::GuestThreads(const ThreadSetup& setup) : impl_(std::make_unique<Impl>(setup)) {}
GuestThreads::~GuestThreads() = default;

void GuestThreads::Impl::end_process(const wasi::ProcessExit& exit, const wasm::TrapReport* trap) {
  if (!ending.exchange(true)) setup.end.end(exit, trap);
  // Another thread is about to take this one with it.
  while (true) ::pause();
}

void GuestThreads::Impl::end_thread(Slot& slot) {
  {
    wasm::CallLock::Turn turn(&lock);
    slot.waiter.end();
    slot.thread = nullptr;
    slot.own.reset();
    slot.ended.fetch_add(1);
    slot.id.store(0);
  }
  ::syscall(SYS_futex, &slot.ended, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, INT_MAX, nullptr, nullptr, 0);
  if (running.fetch_sub(1) == 1) end_process({wasi::ProcessExit::Reason::code, 0}, nullptr);
}

/// After a thread's entry function came to its end.
void GuestThreads::Impl::conclude(const wasm::Guest& guest, Slot& slot) {
  using How = wasm::Ended::How;
  const wasm::Ended& ended = guest.ended();
  const auto exit = setup.process.exit();
  if (ended.how == How::exited && exit) end_process(*exit, nullptr);
  if (ended.how == How::trapped) {
    end_process({wasi::ProcessExit::Reason::signal, SIGABRT}, &ended.trap);
  }
  const bool is_main = slot.id.load(std::memory_order_relaxed) == main_id;
  if (ended.how == How::returned && is_main) {
    end_process({wasi::ProcessExit::Reason::code, 0}, nullptr);
  }
}

Result<void> GuestThreads::run_main() {
  Impl& impl = *impl_;
  Thread& thread = impl.setup.process.main_thread();
  Impl::Slot& slot = *impl.slots.front();
  impl.main_id = impl.next_id = thread.id;
  slot.id.store(thread.id);
  slot.thread = &thread;
  slot.waiter.begin();
  impl.running.store(1);
  wasm::Guest guest;
  TRY_VOID(
      guest.run(impl.setup.program, impl.surroundings(thread), impl.setup.limits, slot.waiter));
  impl.conclude(guest, slot);
  impl.end_thread(slot);
  while (true) ::pause();  // the last thread ends the process
}

void GuestThreads::Impl::run_thread(const Start& start) {
  Slot& slot = *start.slot;
  slot.waiter.begin();
  {
    wasm::Guest guest;
    const auto ran = guest.run(setup.program, surroundings(*slot.own), setup.limits, slot.waiter,
                               {setup.thread_start, start.arguments, start.stack_floor});
    if (!ran) {
      wasm::TrapReport report;
      report.name = "a thread cannot start: " + ran.error().text();
      end_process({wasi::ProcessExit::Reason::signal, SIGABRT}, &report);
    }
    conclude(guest, slot);
  }
  end_thread(slot);
}

bool GuestThreads::Impl::create_thread(Start* start) {
  pthread_attr_t attributes;
  if (::pthread_attr_init(&attributes) != 0) return false;
  ::pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  const std::size_t stack = setup.program.engine().native_stack() + kStackExtra;
  pthread_t thread{};
  const auto body = [](void* argument) -> void* {
    const std::unique_ptr<Start> owned(static_cast<Start*>(argument));
    owned->impl->run_thread(*owned);
    return nullptr;
  };
  const bool created = ::pthread_attr_setstacksize(&attributes, stack) == 0 &&
                       ::pthread_create(&thread, &attributes, body, start) == 0;
  ::pthread_attr_destroy(&attributes);
  return created;
}

Outcome<std::uint32_t> GuestThreads::start_thread(wasm::HostCall& call, std::uint32_t record) {
  Impl& impl = *impl_;
  if (impl.setup.thread_start.empty()) return std::unexpected(Errno::notsup);
  Impl::Slot* const slot = impl.find(0);
  if (slot == nullptr) return std::unexpected(Errno::again);
  impl.lock.begin_threads(*call.turn);
  const std::uint32_t id = impl.fresh_id();
  slot->own = std::make_unique<Thread>(impl.setup.process, id);
  slot->own->signals.inherit(Thread::of(call).signals);
  slot->thread = slot->own.get();
  slot->id.store(id);
  impl.running.fetch_add(1);
  auto start = std::make_unique<Impl::Start>(
      Impl::Start{&impl, slot, {id, record}, stack_floor(call, record)});
  if (!impl.create_thread(start.get())) {
    impl.running.fetch_sub(1);
    slot->thread = nullptr;
    slot->own.reset();
    slot->id.store(0);
    return std::unexpected(Errno::again);
  }
  (void)start.release();  // the thread's own
  return id;
}

bool GuestThreads::thread_runs(std::uint32_t thread) const noexcept {
  return thread != 0 && impl_->find(thread) != nullptr;
}

void GuestThreads::await_thread(std::uint32_t thread, wasm::WaitSet& wait) noexcept {
  Impl::Slot* const slot = thread == 0 ? nullptr : impl_->find(thread);
  if (slot == nullptr) return;
  static_assert(sizeof slot->ended == sizeof(std::uint32_t));
  wait.on_futex({reinterpret_cast<const std::uint32_t*>(&slot->ended), slot->ended.load(),
                 wasm::WaitSet::Futex::Scope::process});
}

Outcome<void> GuestThreads::signal_thread(std::uint32_t thread, std::uint32_t signal) {
  if (thread == Thread::kMain) thread = impl_->main_id;
  Impl::Slot* const slot = thread == 0 ? nullptr : impl_->find(thread);
  if (slot == nullptr) return std::unexpected(Errno::srch);
  if (signal != 0) slot->thread->signals.raise(signal);
  slot->waiter.interrupt();
  return {};
}

void GuestThreads::raise(std::uint32_t signal) noexcept {
  impl_->setup.process.signals().raise(signal);
  wake();
}

void GuestThreads::wake() noexcept {
  const int saved = errno;
  for (const auto& slot : impl_->slots) slot->waiter.interrupt();
  errno = saved;
}

void GuestThreads::after_fork_in_child(Thread& caller, std::uint32_t pid) noexcept {
  Impl& impl = *impl_;
  for (const auto& slot : impl.slots) {
    if (slot->thread == &caller) {
      slot->waiter.begin();
      slot->id.store(pid);
      continue;
    }
    slot->waiter.forget();
    // Not destroyed: its owner may have been in the midst of using it.
    (void)slot->own.release();
    slot->thread = nullptr;
    slot->id.store(0);
  }
  caller.id = impl.main_id = impl.next_id = pid;
  caller.signals.forget_after_fork();
  impl.setup.process.signals().forget_after_fork();
  impl.running.store(1);
}

}  // namespace brink::app
