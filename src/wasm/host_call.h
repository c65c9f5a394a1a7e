#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>

#include "base/clock.h"
#include "wasm/call_lock.h"
#include "wasm/guest_memory.h"
#include "wasm/wait_set.h"

namespace brink::wasm {

/// The outcome of one attempt at a host call. Host calls are written once, as
/// attempts that never block: finish now, or say in the call's WaitSet what is
/// awaited; the executor then repeats the attempt, with the same arguments,
/// once that happened.
class Attempt {
 public:
  enum class Kind : std::uint8_t {
    done,   ///< `value` is the i32 result (an errno for WASI calls)
    again,  ///< the WaitSet names what is awaited
    exit,   ///< the program ends: its host data says with which code
  };

  static constexpr Attempt done(std::uint32_t value) { return {Kind::done, value}; }
  static constexpr Attempt again() { return {Kind::again, 0}; }
  static constexpr Attempt exit() { return {Kind::exit, 0}; }

  [[nodiscard]] constexpr Kind kind() const { return kind_; }
  [[nodiscard]] constexpr std::uint32_t value() const { return value_; }

 private:
  constexpr Attempt(Kind kind, std::uint32_t value) : kind_(kind), value_(value) {}
  Kind kind_;
  std::uint32_t value_;
};

/// The instance that makes a host call, as far as the call may use it: signals
/// run functions of the program while it is inside a call.
class Caller {
 public:
  virtual ~Caller() = default;
  /// Whether the program exports a function of this name.
  [[nodiscard]] virtual bool exports(std::string_view name) const noexcept = 0;

  /// How a function came to its end.
  enum class Ran : std::uint8_t {
    returned,
    missing,  ///< there is no such function
    trapped,
    /// The program ended in it, or left it for a place outside of it: by an exception
    /// that nobody in it caught, or by restore_stack().
    left,
  };
  /// Runs an exported function that takes so many i32 and returns nothing, to its
  /// end; the call's memory must be viewed anew afterwards, and no lock be held. Unless
  /// it returned (or is missing) the host call it was run in has to end as well.
  virtual Ran call(std::string_view name, std::span<const std::uint32_t> arguments) noexcept = 0;

  /// setjmp and longjmp of programs built with Binaryen's asyncify. save_stack():
  /// once the attempt is done, the call returns 0, with the stack saved under the number
  /// `id`; and again each time that restore_stack() was called with it, after an
  /// Attempt::exit(). False: the program is not built so, or runs a signal handler;
  /// there is no such stack.
  /// `place` names where the program keeps the number: saving there again replaces it.
  virtual bool save_stack(std::uint64_t id, std::uint32_t place) noexcept = 0;
  virtual bool restore_stack(std::uint64_t id) noexcept = 0;
};

/// One host call in progress; lives from its first attempt to its last.
struct HostCall {
  void* host = nullptr;            ///< the program's host data, as given to the instance
  void* thread = nullptr;          ///< likewise, of the guest's thread
  GuestMemory memory;              ///< renewed before every attempt
  WaitSet& wait;                   ///< cleared before every attempt
  Caller* caller = nullptr;        ///< none in tests without an engine
  CallLock::Turn* turn = nullptr;  ///< held during an attempt, where calls take turns
  std::uint32_t attempt = 0;       ///< 0 for the first

  /// Whether a handled signal ends the wait (HostFunction::when_interrupted).
  enum class OnSignal : std::uint8_t { as_declared, goes_on } on_signal = OnSignal::as_declared;

  /// State that an attempt leaves for the next one of the same call: the point
  /// in time that a relative time-out means, and how far a transfer has come.
  std::optional<MonotonicTime> deadline;
  std::uint64_t progress = 0;
};

/// One 16-byte argument slot as the engine passes it (little-endian).
struct alignas(16) RawSlot {
  std::uint64_t low;
  std::uint64_t high;
};

/// A host function for the engine's linker, independent of the engine's types.
struct HostFunction {
  std::string_view module;
  std::string_view name;
  /// One letter per parameter, i = i32, I = i64.
  std::string_view parameters;
  enum class Returns : std::uint8_t { nothing, i32 } returns = Returns::i32;
  /// What the call returns when a signal handler ran while it waited; none: it
  /// goes on waiting.
  std::optional<std::uint32_t> when_interrupted = std::nullopt;
  /// Reads its arguments from `slots` (one per parameter). Must not throw.
  Attempt (*attempt)(HostCall&, const RawSlot* slots) noexcept;
};

namespace detail {

template <class T>
inline constexpr char kLetter = sizeof(T) == 8 ? 'I' : 'i';

template <class T>
T argument(const RawSlot& slot) {
  static_assert(std::is_integral_v<T> && (sizeof(T) == 4 || sizeof(T) == 8),
                "host calls take 32 and 64-bit integers only");
  return static_cast<T>(slot.low);
}

template <auto Function>
struct Adapter;

template <class... Args, Attempt (*Function)(HostCall&, Args...)>
struct Adapter<Function> {
  static constexpr std::array<char, sizeof...(Args)> kLetters = {kLetter<Args>...};
  static constexpr std::string_view kParameters{kLetters.data(), kLetters.size()};

  static Attempt call(HostCall& call, const RawSlot* slots) noexcept {
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
      return Function(call, argument<Args>(slots[I])...);
    }(std::index_sequence_for<Args...>{});
  }
};

}  // namespace detail

/// The linker entry for `Attempt Function(HostCall&, uint32_t | uint64_t …)`:
/// the wasm signature follows from the C++ one.
template <auto Function>
constexpr HostFunction host_function(std::string_view module, std::string_view name,
                                     HostFunction::Returns returns = HostFunction::Returns::i32) {
  using Adapter = detail::Adapter<Function>;
  return {module, name, Adapter::kParameters, returns, std::nullopt, &Adapter::call};
}

}  // namespace brink::wasm
