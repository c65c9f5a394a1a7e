#include "wasm/stack_saver.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "wasm/handle.h"

namespace brink::wasm {
namespace {

// Some thousand frames.
constexpr std::uint32_t kMostBuffer = 256U << 10;
constexpr std::uint32_t kLeastBuffer = 1U << 10;
constexpr std::uint32_t kAlignment = 16;
constexpr std::size_t kManySaved = 64;
constexpr std::size_t kMostSaved = 4096;

/// What asyncify's functions take: where the next frame goes, and the buffer's end.
struct Header {
  std::uint32_t current;
  std::uint32_t end;
};

using TypeHandle = Handle<wasm_functype_t, wasm_functype_delete>;

}  // namespace

std::optional<wasmtime_func_t> StackSaver::function(const wasmtime_instance_t& instance,
                                                    std::string_view name,
                                                    std::size_t parameters) const {
  wasmtime_extern_t item;
  if (!wasmtime_instance_export_get(context_, &instance, name.data(), name.size(), &item) ||
      item.kind != WASMTIME_EXTERN_FUNC) {
    return std::nullopt;
  }
  const TypeHandle type(wasmtime_func_type(context_, &item.of.func));
  const wasm_valtype_vec_t* in = wasm_functype_params(type.get());
  const bool fits = in->size == parameters && wasm_functype_results(type.get())->size == 0 &&
                    std::all_of(in->data, in->data + in->size, [](const wasm_valtype_t* one) {
                      return wasm_valtype_kind(one) == WASM_I32;
                    });
  if (!fits) return std::nullopt;
  return item.of.func;
}

void StackSaver::open(wasmtime_context_t* context, const wasmtime_instance_t& instance,
                      std::uint32_t floor) {
  close();
  context_ = context;
  instance_ = instance;
  floor_ = floor;
}

bool StackSaver::find_exports() {
  if (start_unwind_) return stop_rewind_.has_value();
  constexpr std::string_view kStackPointer = "__stack_pointer";
  wasmtime_extern_t item;
  start_unwind_ = function(instance_, "asyncify_start_unwind", 1);
  if (!start_unwind_ || !wasmtime_instance_export_get(context_, &instance_, kStackPointer.data(),
                                                      kStackPointer.size(), &item)) {
    return false;
  }
  if (item.kind != WASMTIME_EXTERN_GLOBAL) return false;
  wasmtime_val_t value;
  wasmtime_global_get(context_, &item.of.global, &value);
  if (value.kind != WASMTIME_I32) return false;
  stack_pointer_ = item.of.global;
  stop_unwind_ = function(instance_, "asyncify_stop_unwind", 0);
  start_rewind_ = function(instance_, "asyncify_start_rewind", 1);
  if (stop_unwind_ && start_rewind_) {
    stop_rewind_ = function(instance_, "asyncify_stop_rewind", 0);
  }
  return stop_rewind_.has_value();
}

void StackSaver::close() { *this = StackSaver(); }

bool StackSaver::call(const wasmtime_func_t& function,
                      std::optional<std::uint32_t> argument) const {
  wasmtime_val_raw_t slot{};
  slot.i32 = static_cast<std::int32_t>(argument.value_or(0));
  wasm_trap_t* trap = nullptr;
  wasmtime_error_t* error = wasmtime_func_call_unchecked(context_, &function, &slot, 1, &trap);
  if (trap == nullptr && error == nullptr) return true;
  if (trap != nullptr) wasm_trap_delete(trap);
  if (error != nullptr) wasmtime_error_delete(error);
  return false;
}

std::uint32_t StackSaver::stack_pointer() const {
  wasmtime_val_t value;
  wasmtime_global_get(context_, &*stack_pointer_, &value);
  return static_cast<std::uint32_t>(value.of.i32);
}

void StackSaver::drop_dead(std::uint32_t stack_pointer, std::uint32_t place) {
  std::erase_if(saved_, [&](const auto& entry) {
    const Saved& saved = entry.second;
    return saved.place == place && saved.stack_pointer == stack_pointer;
  });
  if (saved_.size() < kManySaved) return;
  // Their frames have returned: the stack grows downwards.
  std::erase_if(saved_,
                [&](const auto& entry) { return entry.second.stack_pointer < stack_pointer; });
  if (saved_.size() >= kMostSaved) saved_.erase(saved_.begin());
}

bool StackSaver::save(std::uint64_t id, std::uint32_t place, const GuestMemory& memory) {
  if (state_ != State::idle || !find_exports()) return false;
  const std::uint32_t end = stack_pointer() / kAlignment * kAlignment;
  const std::uint32_t floor = std::max(floor_, kAlignment);
  if (end > memory.size() || end < floor || end - floor < kLeastBuffer) return false;
  const std::uint32_t start = end - std::min(kMostBuffer, (end - floor) / kAlignment * kAlignment);
  drop_dead(stack_pointer(), place);
  const auto buffer = memory.bytes(start, end - start);
  if (!buffer) return false;
  overwritten_.assign(buffer->begin(), buffer->end());
  (void)memory.store(start, Header{start + std::uint32_t{sizeof(Header)}, end});
  saving_ = {place, stack_pointer(), start, {}};
  target_ = id;
  state_ = State::unwinding;
  return call(*start_unwind_, start);
}

bool StackSaver::restore(std::uint64_t id) {
  if (state_ != State::idle || !saved_.contains(id)) return false;
  target_ = id;
  state_ = State::restoring;
  return true;
}

/// Takes the frames out of the buffer and gives its place back.
bool StackSaver::keep_unwound(const GuestMemory& memory) {
  if (!call(*stop_unwind_, std::nullopt)) return false;
  const auto header = memory.load<Header>(saving_.start);
  const std::uint64_t used = header ? std::uint64_t{header->current} - saving_.start : 0;
  if (used < sizeof(Header) || used > overwritten_.size()) return false;
  const auto buffer = memory.bytes(saving_.start, used);
  if (!buffer) return false;
  saving_.bytes.assign(buffer->begin(), buffer->end());
  std::memcpy(buffer->data(), overwritten_.data(), buffer->size());
  saved_[target_] = std::move(saving_);
  return true;
}

bool StackSaver::begin_rewind(const GuestMemory& memory) {
  if (state_ == State::unwinding && !keep_unwound(memory)) return false;
  const Saved& saved = saved_.at(target_);
  const auto buffer = memory.bytes(saved.start, saved.bytes.size());
  if (!buffer) return false;
  overwritten_.assign(buffer->begin(), buffer->end());
  std::memcpy(buffer->data(), saved.bytes.data(), buffer->size());
  wasmtime_val_t pointer{};
  pointer.kind = WASMTIME_I32;
  pointer.of.i32 = static_cast<std::int32_t>(saved.stack_pointer);
  if (wasmtime_error_t* error = wasmtime_global_set(context_, &*stack_pointer_, &pointer)) {
    wasmtime_error_delete(error);
    return false;
  }
  state_ = State::rewinding;
  return call(*start_rewind_, saved.start);
}

bool StackSaver::end_rewind(const GuestMemory& memory) {
  state_ = State::idle;
  const Saved& saved = saved_.at(target_);
  const auto buffer = memory.bytes(saved.start, overwritten_.size());
  if (buffer) std::memcpy(buffer->data(), overwritten_.data(), buffer->size());
  return call(*stop_rewind_, std::nullopt);
}

}  // namespace brink::wasm
