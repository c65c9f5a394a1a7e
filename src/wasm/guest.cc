#include "wasm/guest.h"

#include <sys/mman.h>
#include <wasmtime.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/check.h"
#include "wasm/stack_saver.h"

namespace brink::wasm {
namespace {

using StoreHandle = Handle<wasmtime_store_t, wasmtime_store_delete>;
using FutureHandle = Handle<wasmtime_call_future_t, wasmtime_call_future_delete>;

constexpr std::string_view kMemory = "memory";
constexpr std::string_view kEnd = "the program ends";
constexpr std::string_view kStackDamaged = "the program has damaged its saved stack";
constexpr std::int64_t kMostTableElements = 65'536;
// While no fiber runs there is nothing to yield to: the epoch must not end it.
constexpr std::uint64_t kNoDeadline = 1ULL << 60;
// A slice ends at the second tick at the latest.
constexpr std::uint64_t kSliceTicks = 1;

std::optional<wasmtime_memory_t> memory_in(const wasmtime_extern_t& item) {
  if (item.kind != WASMTIME_EXTERN_MEMORY) return std::nullopt;
  return item.of.memory;
}

std::byte* base_of(wasmtime_context_t* context, const wasmtime_memory_t& memory) {
  return reinterpret_cast<std::byte*>(wasmtime_memory_data(context, &memory));
}

}  // namespace

struct Guest::Impl final : GuestMemory::Growth {
  enum class Phase : std::uint8_t { instantiating, running };

  Surroundings around;
  const SharedMemory* shared_memory = nullptr;
  Waiter* waiter = nullptr;
  StoreHandle store;
  // Declared after the store: an unfinished call must go before it.
  FutureHandle future;
  wasmtime_context_t* context = nullptr;
  wasmtime_instance_t instance{};
  bool instantiated = false;
  wasmtime_func_t entry{};
  std::optional<wasmtime_memory_t> memory;
  /// Of the memory of either kind: the engine never moves one. Asking it at every call
  /// would cost more than the rest of the call, so its size is what it last was.
  std::byte* memory_base = nullptr;
  mutable std::uint64_t memory_size = 0;
  wasm_trap_t* trap = nullptr;
  wasmtime_error_t* error = nullptr;
  /// What ended a function of the program that a host call ran: it ends the call, too.
  wasm_trap_t* nested_trap = nullptr;
  std::uint32_t nesting = 0;  ///< functions that host calls are running
  StackSaver saver;
  Phase phase = Phase::running;
  bool exiting = false;
  std::uint64_t memory_limit = 0;
  MemoryGate* gate = nullptr;

  [[nodiscard]] GuestMemory view(wasmtime_caller_t* caller) const {
    if (memory_base != nullptr) [[likely]]
      return view();
    return view_at_start(caller);
  }

  /// Without a call in progress.
  [[nodiscard]] GuestMemory view() const { return GuestMemory({memory_base, memory_size}, this); }

  [[nodiscard]] std::uint64_t size() const noexcept override {
    if (shared_memory != nullptr) return memory_size = shared_memory->view().size();
    return memory_size = memory ? wasmtime_memory_data_size(context, &*memory) : 0;
  }

  /// A start section calls before the exports have been looked up.
  [[nodiscard]] GuestMemory view_at_start(wasmtime_caller_t* caller) const {
    wasmtime_extern_t item;
    if (!wasmtime_caller_export_get(caller, kMemory.data(), kMemory.size(), &item)) return {};
    const auto found = memory_in(item);
    if (!found) return {};
    return GuestMemory({base_of(context, *found), wasmtime_memory_data_size(context, &*found)});
  }

  void drop_traps() {
    if (trap != nullptr) wasm_trap_delete(std::exchange(trap, nullptr));
    if (error != nullptr) wasmtime_error_delete(std::exchange(error, nullptr));
    if (nested_trap != nullptr) wasm_trap_delete(std::exchange(nested_trap, nullptr));
  }

  [[nodiscard]] std::optional<wasmtime_func_t> function(std::string_view name) const {
    wasmtime_extern_t item;
    if (!instantiated ||
        !wasmtime_instance_export_get(context, &instance, name.data(), name.size(), &item) ||
        item.kind != WASMTIME_EXTERN_FUNC) {
      return std::nullopt;
    }
    return item.of.func;
  }
};

namespace {

/// Runs functions of the program within a host call of it.
template <class Impl>
class NestedCaller final : public Caller {
 public:
  explicit NestedCaller(Impl& impl) : impl_(impl) {}

  [[nodiscard]] bool exports(std::string_view name) const noexcept override {
    return impl_.function(name).has_value();
  }

  Ran call(std::string_view name, std::span<const std::uint32_t> arguments) noexcept override {
    constexpr std::size_t kMostArguments = 4;
    BRINK_CHECK(arguments.size() <= kMostArguments);
    const auto function = impl_.function(name);
    if (!function || !takes(*function, arguments.size())) return Ran::missing;
    // Room for one more: the engine writes results where the arguments were.
    wasmtime_val_raw_t slots[kMostArguments + 1] = {};
    for (std::size_t i = 0; i < arguments.size(); ++i) {
      slots[i].i32 = static_cast<std::int32_t>(arguments[i]);
    }
    ++impl_.nesting;
    wasm_trap_t* trap = nullptr;
    wasmtime_error_t* error =
        wasmtime_func_call_unchecked(impl_.context, &*function, slots, kMostArguments + 1, &trap);
    --impl_.nesting;
    if (trap == nullptr && error == nullptr) return Ran::returned;
    if (impl_.nested_trap != nullptr) wasm_trap_delete(impl_.nested_trap);
    impl_.nested_trap = trap;
    if (error != nullptr) wasmtime_error_delete(error);
    const bool left = impl_.exiting || wasmtime_context_has_exception(impl_.context);
    return left ? Ran::left : Ran::trapped;
  }

  bool save_stack(std::uint64_t id, std::uint32_t place) noexcept override {
    // A handler's frames could not be told from those of the code it interrupted.
    return impl_.nesting == 0 && impl_.saver.save(id, place, impl_.view());
  }

  bool restore_stack(std::uint64_t id) noexcept override { return impl_.saver.restore(id); }

 private:
  /// The engine does not check an unchecked call: the program chose the type.
  bool takes(const wasmtime_func_t& function, std::size_t count) const {
    const Handle<wasm_functype_t, wasm_functype_delete> type(
        wasmtime_func_type(impl_.context, &function));
    const wasm_valtype_vec_t* in = wasm_functype_params(type.get());
    if (in->size != count || wasm_functype_results(type.get())->size != 0) return false;
    return std::all_of(in->data, in->data + in->size, [](const wasm_valtype_t* parameter) {
      return wasm_valtype_kind(parameter) == WASM_I32;
    });
  }

  Impl& impl_;
};

}  // namespace

Guest::Guest() : impl_(std::make_unique<Impl>()) {}

Guest::~Guest() { stop(); }

Result<void> Guest::open_store(const Program& program, const Surroundings& surroundings,
                               const Limits& limits) {
  BRINK_CHECK(state_ == State::idle || state_ == State::ended);
  stop();
  Impl& impl = *impl_;
  impl.around = surroundings;
  impl.shared_memory = program.shared_memory();
  impl.memory_base = impl.shared_memory != nullptr ? impl.shared_memory->base() : nullptr;
  impl.memory_limit = limits.memory.bytes();
  impl.gate = limits.gate;
  impl.store.reset(wasmtime_store_new(program.engine().raw(), this, nullptr));
  impl.context = wasmtime_store_context(impl.store.get());
  wasmtime_store_limiter(impl.store.get(), static_cast<std::int64_t>(limits.memory.bytes()),
                         kMostTableElements, 1, 1, 1);
  wasmtime_context_set_epoch_deadline(impl.context, kNoDeadline);
  return {};
}

Result<void> Guest::find_exports(const Entry& entry) {
  Impl& impl = *impl_;
  impl.instantiated = true;
  wasmtime_extern_t item;
  if (wasmtime_instance_export_get(impl.context, &impl.instance, kMemory.data(), kMemory.size(),
                                   &item)) {
    impl.memory = memory_in(item);
    if (impl.memory) impl.memory_base = base_of(impl.context, *impl.memory);
    (void)impl.size();
  }
  const auto found = impl.function(entry.name);
  if (!found) {
    return fail(ErrorCode::module_invalid,
                "the module exports no function " + std::string(entry.name),
                "link it as a command, not as a reactor or library");
  }
  impl.entry = *found;
  impl.saver.open(impl.context, impl.instance, entry.stack_floor);
  return {};
}

Result<void> Guest::start(const Program& program, const Surroundings& surroundings,
                          const Limits& limits) {
  TRY_VOID(open_store(program, surroundings, limits));
  Impl& impl = *impl_;
  if (program.start() == Program::Start::runs_code) {
    // The program's own code runs during instantiation: on the fiber, in slices.
    wasmtime_context_epoch_deadline_async_yield_and_update(impl.context, kSliceTicks);
    wasmtime_context_set_epoch_deadline(impl.context, kSliceTicks);
    install_gate();
    impl.phase = Impl::Phase::instantiating;
    impl.future.reset(wasmtime_instance_pre_instantiate_async(
        program.raw(), impl.context, &impl.instance, &impl.trap, &impl.error));
    state_ = State::runnable;
    return {};
  }
  if (wasmtime_error_t* error = wasmtime_instance_pre_instantiate(program.raw(), impl.context,
                                                                  &impl.instance, &impl.trap)) {
    return std::unexpected(take_error(ErrorCode::resource_exhausted, error));
  }
  if (impl.trap != nullptr) {
    const TrapReport report = take_trap(std::exchange(impl.trap, nullptr), nullptr);
    return fail(ErrorCode::guest_trap, "the program trapped at its start: " + report.name);
  }
  TRY_VOID(find_exports({}));
  // Only now: from here on the store takes asynchronous calls only.
  wasmtime_context_epoch_deadline_async_yield_and_update(impl.context, kSliceTicks);
  install_gate();
  begin_call();
  return {};
}

void Guest::install_gate() {
  if (impl_->gate == nullptr) return;
  // The engine keeps the address; a Guest does not move.
  const auto ask = [](void* env, std::size_t current, std::size_t desired) noexcept {
    auto& guest = *static_cast<Guest*>(env);
    if (desired > guest.impl_->memory_limit) {
      return static_cast<std::uint8_t>(WASMTIME_MEMORY_GROWTH_DENY);
    }
    switch (guest.impl_->gate->may_grow(current, desired)) {
      case MemoryGate::Growth::allow:
        return static_cast<std::uint8_t>(WASMTIME_MEMORY_GROWTH_ALLOW);
      case MemoryGate::Growth::wait:
        // A call that is done may have left what it did not have to wait for.
        guest.waits_.clear();
        guest.state_ = State::waiting;
        return static_cast<std::uint8_t>(WASMTIME_MEMORY_GROWTH_WAIT);
      case MemoryGate::Growth::deny:
        break;
    }
    return static_cast<std::uint8_t>(WASMTIME_MEMORY_GROWTH_DENY);
  };
  wasmtime_store_growth_limiter(impl_->store.get(), ask, this, kMostTableElements);
}

void Guest::begin_call() {
  Impl& impl = *impl_;
  wasmtime_context_set_epoch_deadline(impl.context, kSliceTicks);
  impl.phase = Impl::Phase::running;
  impl.future.reset(wasmtime_func_call_async(impl.context, &impl.entry, nullptr, 0, nullptr, 0,
                                             &impl.trap, &impl.error));
  state_ = State::runnable;
}

Guest::State Guest::resume() {
  BRINK_CHECK(state_ == State::runnable || state_ == State::waiting);
  Impl& impl = *impl_;
  state_ = State::runnable;
  // A host call that suspends sets `waiting`; the end of a slice does not.
  while (wasmtime_call_future_poll(impl.future.get())) {
    impl.future.reset();
    const bool failed = impl.trap != nullptr || impl.error != nullptr;
    if (impl.phase == Impl::Phase::running && goes_on()) {
      begin_call();
      continue;
    }
    if (impl.phase == Impl::Phase::running || failed) return finish();
    if (auto found = find_exports({}); !found) {
      ended_.trap.name = found.error().message;
      ended_.how = Ended::How::trapped;
      stop();
      return state_ = State::ended;
    }
    begin_call();
  }
  return state_;
}

/// Whether the entry function has not come to its end, but is to be called anew.
bool Guest::goes_on() {
  Impl& impl = *impl_;
  const bool failed = impl.trap != nullptr || impl.error != nullptr;
  const bool saves = impl.saver.unwinding() && !failed;
  const bool restores = impl.saver.restoring() && failed;
  if (!saves && !restores) return false;
  impl.drop_traps();
  impl.exiting = false;
  wasmtime_context_set_epoch_deadline(impl.context, kNoDeadline);
  if (impl.saver.begin_rewind(impl.view())) return true;
  impl.trap = wasmtime_trap_new(kStackDamaged.data(), kStackDamaged.size());
  return false;
}

Guest::State Guest::finish() {
  Impl& impl = *impl_;
  wasm_trap_t* trap = std::exchange(impl.trap, nullptr);
  wasmtime_error_t* error = std::exchange(impl.error, nullptr);
  if (trap == nullptr && error == nullptr) {
    ended_ = {};
  } else if (impl.exiting) {
    ended_ = {Ended::How::exited, {}};
    if (trap != nullptr) wasm_trap_delete(trap);
    if (error != nullptr) wasmtime_error_delete(error);
  } else {
    ended_ = {Ended::How::trapped, take_trap(trap, error)};
  }
  halt();
  return state_ = State::ended;
}

Result<void> Guest::run(const Program& program, const Surroundings& surroundings,
                        const Limits& limits, Waiter& waiter, const Entry& entry) {
  TRY_VOID(open_store(program, surroundings, limits));
  Impl& impl = *impl_;
  impl.waiter = &waiter;
  impl.error =
      wasmtime_instance_pre_instantiate(program.raw(), impl.context, &impl.instance, &impl.trap);
  if (impl.trap == nullptr && impl.error == nullptr) {
    TRY_VOID(find_exports(entry));
    std::vector<wasmtime_val_t> arguments;
    for (const std::uint32_t argument : entry.arguments) {
      wasmtime_val_t value{};
      value.kind = WASMTIME_I32;
      value.of.i32 = static_cast<std::int32_t>(argument);
      arguments.push_back(value);
    }
    do {
      impl.error = wasmtime_func_call(impl.context, &impl.entry, arguments.data(), arguments.size(),
                                      nullptr, 0, &impl.trap);
    } while (goes_on());
  }
  finish();
  return {};
}

/// No code of the program runs any more; its memory is still there.
void Guest::halt() {
  Impl& impl = *impl_;
  const bool unfinished = impl.future != nullptr;
  impl.future.reset();  // resumes the fiber one last time, so that it unwinds
  impl.drop_traps();
  impl.saver.close();
  impl.waiter = nullptr;
  impl.exiting = false;
  impl.instantiated = false;
  waits_.clear();
  if (unfinished) {
    ended_ = {Ended::How::killed, {}};
    state_ = State::ended;
  }
}

void Guest::stop() {
  halt();
  impl_->memory.reset();
  impl_->memory_base = nullptr;
  impl_->memory_size = 0;
  impl_->context = nullptr;
  impl_->store.reset();
}

struct Remains::Impl {
  StoreHandle store;
  std::byte* base = nullptr;
  std::size_t size = 0;
  std::size_t cleared = 0;
};

Remains::Remains(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Remains::Remains(Remains&&) noexcept = default;
Remains& Remains::operator=(Remains&&) noexcept = default;
Remains::~Remains() = default;

bool Remains::clear_some(ByteSize most) {
  const std::size_t piece = std::min<std::size_t>(most.bytes(), impl_->size - impl_->cleared);
  // Pages of the program's image come back as they were, all others as zeros: what
  // the engine's own reset of the slot would make of them. It then finds them done.
  ::madvise(impl_->base + impl_->cleared, piece, MADV_DONTNEED);
  impl_->cleared += piece;
  if (impl_->cleared < impl_->size) return false;
  impl_->store.reset();
  return true;
}

std::optional<Remains> Guest::stop_and_leave(ByteSize large) {
  halt();
  Impl& impl = *impl_;
  if (!impl.memory || memory_size() <= large.bytes()) {
    stop();
    return std::nullopt;
  }
  auto remains = std::make_unique<Remains::Impl>();
  remains->base = impl.memory_base;
  remains->size = memory_size();
  remains->store = std::move(impl.store);
  stop();
  return Remains(std::move(remains));
}

std::uint64_t Guest::memory_size() const { return impl_->size(); }

bool Guest::pause(wasmtime_caller* caller) noexcept {
  if (const Interrupts* interrupts = impl_->around.interrupts) {
    if (const auto next = interrupts->next()) waits_.until(*next);
  }
  if (impl_->waiter != nullptr) return impl_->waiter->wait(waits_);
  state_ = State::waiting;
  wasmtime_error_t* error = wasmtime_caller_suspend(caller);
  if (error == nullptr) return true;
  wasmtime_error_delete(error);
  return false;
}

Interrupts::Delivery Guest::deliver(Caller& caller) noexcept {
  Interrupts* interrupts = impl_->around.interrupts;
  // A program on its way out of its functions must not enter any.
  if (interrupts == nullptr || !interrupts->pending() || impl_->saver.unwinding()) {
    return Interrupts::Delivery::nothing;
  }
  return interrupts->deliver(caller);
}

/// The trap that takes the program out of a host call.
void* Guest::end_call(Interrupts::Delivery how) noexcept {
  Impl& impl = *impl_;
  wasm_trap_t* nested = std::exchange(impl.nested_trap, nullptr);
  if (how == Interrupts::Delivery::ends && nested != nullptr) return nested;
  if (nested != nullptr) wasm_trap_delete(nested);
  impl.exiting = true;
  return wasmtime_trap_new(kEnd.data(), kEnd.size());
}

void* Guest::host_call(const HostFunction& function, wasmtime_caller* caller,
                       void* slots) noexcept {
  using enum Interrupts::Delivery;
  Impl& impl = *impl_;
  const auto* arguments = static_cast<const RawSlot*>(slots);
  auto* result = static_cast<wasmtime_val_raw_t*>(slots);
  if (impl.saver.rewinding()) {
    if (!impl.saver.end_rewind(impl.view(caller))) return end_call(killed);
    result->i32 = 0;
    return nullptr;
  }
  NestedCaller nested(impl);
  HostCall call{.host = impl.around.host,
                .thread = impl.around.thread,
                .memory = impl.view(caller),
                .wait = waits_,
                .caller = &nested,
                .deadline = {}};
  for (;; ++call.attempt) {
    Attempt attempt = Attempt::again();
    {
      CallLock::Turn turn(impl.around.lock);
      call.turn = &turn;
      attempt = function.attempt(call, arguments);
    }
    Interrupts::Delivery delivery = nothing;
    switch (attempt.kind()) {
      case Attempt::Kind::done:
        // A signal that the call itself raised is handled before it returns.
        delivery = deliver(nested);
        if (delivery == ends || delivery == killed) return end_call(delivery);
        result->i32 = static_cast<std::int32_t>(attempt.value());
        return nullptr;
      case Attempt::Kind::exit:
        return end_call(killed);
      case Attempt::Kind::again:
        break;
    }
    if (!pause(caller)) return end_call(killed);
    waits_.clear();
    delivery = deliver(nested);
    if (delivery == ends || delivery == killed) return end_call(delivery);
    const bool stops = call.on_signal == HostCall::OnSignal::as_declared;
    if (delivery == handled && function.when_interrupted && stops) {
      result->i32 = static_cast<std::int32_t>(*function.when_interrupted);
      return nullptr;
    }
    call.memory = impl.view(caller);
  }
}

}  // namespace brink::wasm
