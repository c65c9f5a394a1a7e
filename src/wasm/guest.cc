#include "wasm/guest.h"

#include <sys/mman.h>
#include <wasmtime.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/check.h"

namespace brink::wasm {
namespace {

using StoreHandle = Handle<wasmtime_store_t, wasmtime_store_delete>;
using FutureHandle = Handle<wasmtime_call_future_t, wasmtime_call_future_delete>;

constexpr std::string_view kMemory = "memory";
constexpr std::string_view kEnd = "the program ends";
constexpr std::int64_t kMostTableElements = 65'536;
// While no fiber runs there is nothing to yield to: the epoch must not end it.
constexpr std::uint64_t kNoDeadline = 1ULL << 60;
// A slice ends at the second tick at the latest.
constexpr std::uint64_t kSliceTicks = 1;

std::optional<wasmtime_memory_t> memory_in(const wasmtime_extern_t& item) {
  if (item.kind != WASMTIME_EXTERN_MEMORY) return std::nullopt;
  return item.of.memory;
}

GuestMemory view_of(wasmtime_context_t* context, const wasmtime_memory_t& memory) {
  auto* data = reinterpret_cast<std::byte*>(wasmtime_memory_data(context, &memory));
  return GuestMemory({data, wasmtime_memory_data_size(context, &memory)});
}

}  // namespace

struct Guest::Impl {
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
  wasm_trap_t* trap = nullptr;
  wasmtime_error_t* error = nullptr;
  /// What ended a function of the program that a host call ran: it ends the call, too.
  wasm_trap_t* nested_trap = nullptr;
  Phase phase = Phase::running;
  bool exiting = false;
  std::uint64_t memory_limit = 0;
  MemoryGate* gate = nullptr;

  [[nodiscard]] GuestMemory view(wasmtime_caller_t* caller) const {
    if (shared_memory != nullptr) return shared_memory->view();
    if (memory) return view_of(context, *memory);
    // A start section calls before the exports have been looked up.
    wasmtime_extern_t item;
    if (!wasmtime_caller_export_get(caller, kMemory.data(), kMemory.size(), &item)) return {};
    const auto found = memory_in(item);
    return found ? view_of(context, *found) : GuestMemory();
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

  bool call(std::string_view name, std::span<const std::uint32_t> arguments) noexcept override {
    constexpr std::size_t kMostArguments = 4;
    BRINK_CHECK(arguments.size() <= kMostArguments);
    const auto function = impl_.function(name);
    if (!function || !takes(*function, arguments.size())) return false;
    // Room for one more: the engine writes results where the arguments were.
    wasmtime_val_raw_t slots[kMostArguments + 1] = {};
    for (std::size_t i = 0; i < arguments.size(); ++i) {
      slots[i].i32 = static_cast<std::int32_t>(arguments[i]);
    }
    wasm_trap_t* trap = nullptr;
    wasmtime_error_t* error =
        wasmtime_func_call_unchecked(impl_.context, &*function, slots, kMostArguments + 1, &trap);
    if (trap == nullptr && error == nullptr) return true;
    if (impl_.nested_trap != nullptr) wasm_trap_delete(impl_.nested_trap);
    impl_.nested_trap = trap;
    if (error != nullptr) wasmtime_error_delete(error);
    return false;
  }

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
  impl.memory_limit = limits.memory.bytes();
  impl.gate = limits.gate;
  impl.store.reset(wasmtime_store_new(program.engine().raw(), this, nullptr));
  impl.context = wasmtime_store_context(impl.store.get());
  wasmtime_store_limiter(impl.store.get(), static_cast<std::int64_t>(limits.memory.bytes()),
                         kMostTableElements, 1, 1, 1);
  wasmtime_context_set_epoch_deadline(impl.context, kNoDeadline);
  return {};
}

Result<void> Guest::find_exports(std::string_view entry) {
  Impl& impl = *impl_;
  impl.instantiated = true;
  wasmtime_extern_t item;
  if (wasmtime_instance_export_get(impl.context, &impl.instance, kMemory.data(), kMemory.size(),
                                   &item)) {
    impl.memory = memory_in(item);
  }
  const auto found = impl.function(entry);
  if (!found) {
    return fail(ErrorCode::module_invalid, "the module exports no function " + std::string(entry),
                "link it as a command, not as a reactor or library");
  }
  impl.entry = *found;
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
  TRY_VOID(find_exports(Entry{}.name));
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
    if (impl.phase == Impl::Phase::running || failed) return finish();
    if (auto found = find_exports(Entry{}.name); !found) {
      ended_.trap.name = found.error().message;
      ended_.how = Ended::How::trapped;
      stop();
      return state_ = State::ended;
    }
    begin_call();
  }
  return state_;
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
    TRY_VOID(find_exports(entry.name));
    std::vector<wasmtime_val_t> arguments;
    for (const std::uint32_t argument : entry.arguments) {
      wasmtime_val_t value{};
      value.kind = WASMTIME_I32;
      value.of.i32 = static_cast<std::int32_t>(argument);
      arguments.push_back(value);
    }
    impl.error = wasmtime_func_call(impl.context, &impl.entry, arguments.data(), arguments.size(),
                                    nullptr, 0, &impl.trap);
  }
  finish();
  return {};
}

/// No code of the program runs any more; its memory is still there.
void Guest::halt() {
  Impl& impl = *impl_;
  const bool unfinished = impl.future != nullptr;
  impl.future.reset();  // resumes the fiber one last time, so that it unwinds
  if (impl.trap != nullptr) wasm_trap_delete(std::exchange(impl.trap, nullptr));
  if (impl.error != nullptr) wasmtime_error_delete(std::exchange(impl.error, nullptr));
  if (impl.nested_trap != nullptr) wasm_trap_delete(std::exchange(impl.nested_trap, nullptr));
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
  remains->base = reinterpret_cast<std::byte*>(wasmtime_memory_data(impl.context, &*impl.memory));
  remains->size = memory_size();
  remains->store = std::move(impl.store);
  stop();
  return Remains(std::move(remains));
}

std::uint64_t Guest::memory_size() const {
  if (impl_->shared_memory != nullptr) return impl_->shared_memory->view().size();
  return impl_->memory ? wasmtime_memory_data_size(impl_->context, &*impl_->memory) : 0;
}

bool Guest::pause(wasmtime_caller* caller) noexcept {
  if (impl_->waiter != nullptr) return impl_->waiter->wait(waits_);
  state_ = State::waiting;
  wasmtime_error_t* error = wasmtime_caller_suspend(caller);
  if (error == nullptr) return true;
  wasmtime_error_delete(error);
  return false;
}

Interrupts::Delivery Guest::deliver(Caller& caller) noexcept {
  Interrupts* interrupts = impl_->around.interrupts;
  if (interrupts == nullptr || !interrupts->pending()) return Interrupts::Delivery::nothing;
  return interrupts->deliver(caller);
}

/// The trap that takes the program out of a host call.
void* Guest::end_call() noexcept {
  if (impl_->nested_trap != nullptr) return std::exchange(impl_->nested_trap, nullptr);
  impl_->exiting = true;
  return wasmtime_trap_new(kEnd.data(), kEnd.size());
}

void* Guest::host_call(const HostFunction& function, wasmtime_caller* caller,
                       void* slots) noexcept {
  Impl& impl = *impl_;
  const auto* arguments = static_cast<const RawSlot*>(slots);
  auto* result = static_cast<wasmtime_val_raw_t*>(slots);
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
    switch (attempt.kind()) {
      case Attempt::Kind::done:
        // A signal that the call itself raised is handled before it returns.
        if (deliver(nested) == Interrupts::Delivery::ends) return end_call();
        result->i32 = static_cast<std::int32_t>(attempt.value());
        return nullptr;
      case Attempt::Kind::exit:
        return end_call();
      case Attempt::Kind::again:
        break;
    }
    if (!pause(caller)) return wasmtime_trap_new(kEnd.data(), kEnd.size());
    waits_.clear();
    const Interrupts::Delivery delivery = deliver(nested);
    if (delivery == Interrupts::Delivery::ends) return end_call();
    if (delivery == Interrupts::Delivery::handled && function.when_interrupted) {
      result->i32 = static_cast<std::int32_t>(*function.when_interrupted);
      return nullptr;
    }
    call.memory = impl.view(caller);
  }
}

}  // namespace brink::wasm
