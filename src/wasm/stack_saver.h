#pragma once

#include <wasmtime.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "wasm/guest_memory.h"

namespace brink::wasm {

/// Saves and restores the stack of programs that Binaryen's asyncify pass has
/// instrumented: setjmp and longjmp, for those that have no wasm exceptions.
///
/// asyncify_start_unwind() makes every function return to its caller at once and leave
/// its locals in a buffer; asyncify_start_rewind() makes the entry function, called
/// anew, go back to where it was from that buffer. The buffer is the stack's free part
/// below the stack pointer, whose bytes are put back afterwards. What lies on the
/// program's own stack in memory stays as it is, as setjmp wants it.
class StackSaver {
 public:
  /// For an instance whose stack does not reach below `floor`. Costs nothing: most
  /// programs never save one.
  void open(wasmtime_context_t* context, const wasmtime_instance_t& instance, std::uint32_t floor);
  /// Forgets all.
  void close();

  /// In a host call: the program unwinds once the call returns. `place` says which
  /// stack is replaced: what was saved there, by the same frame. False: not asyncified.
  bool save(std::uint64_t id, std::uint32_t place, const GuestMemory& memory);
  /// In a host call, which has to trap next. False: there is no such stack.
  bool restore(std::uint64_t id);

  [[nodiscard]] bool unwinding() const noexcept { return state_ == State::unwinding; }
  [[nodiscard]] bool restoring() const noexcept { return state_ == State::restoring; }
  [[nodiscard]] bool rewinding() const noexcept { return state_ == State::rewinding; }

  /// Once the entry function has returned (unwinding) or trapped (restoring): it has to
  /// be called anew. False: the program has damaged what is needed for it.
  bool begin_rewind(const GuestMemory& memory);
  /// In the host call that the program has gone back to: it returns 0 next.
  bool end_rewind(const GuestMemory& memory);

 private:
  enum class State : std::uint8_t { idle, unwinding, restoring, rewinding };

  struct Saved {
    std::uint32_t place;
    std::uint32_t stack_pointer;
    std::uint32_t start;
    std::vector<std::byte> bytes;
  };

  [[nodiscard]] std::optional<wasmtime_func_t> function(const wasmtime_instance_t& instance,
                                                        std::string_view name,
                                                        std::size_t parameters) const;
  /// Looks for asyncify's functions, once; false: not all of them are there.
  bool find_exports();
  bool call(const wasmtime_func_t& function, std::optional<std::uint32_t> argument) const;
  [[nodiscard]] std::uint32_t stack_pointer() const;
  bool keep_unwound(const GuestMemory& memory);
  void drop_dead(std::uint32_t stack_pointer, std::uint32_t place);

  wasmtime_context_t* context_ = nullptr;
  wasmtime_instance_t instance_{};
  std::optional<wasmtime_func_t> start_unwind_, stop_unwind_, start_rewind_, stop_rewind_;
  std::optional<wasmtime_global_t> stack_pointer_;
  std::uint32_t floor_ = 0;
  State state_ = State::idle;
  std::uint64_t target_ = 0;            ///< which stack is being saved or restored
  Saved saving_{};                      ///< without its bytes
  std::vector<std::byte> overwritten_;  ///< what the buffer's place held
  std::map<std::uint64_t, Saved> saved_;
};

}  // namespace brink::wasm
