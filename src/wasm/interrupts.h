#pragma once

#include <cstdint>
#include <optional>

#include "wasm/host_call.h"

namespace brink::wasm {

/// Signals for a guest thread, as its host calls see them: looked at when a call
/// ends, and when a wait does.
class Interrupts {
 public:
  enum class Delivery : std::uint8_t {
    nothing,  ///< none was fit to be delivered
    handled,  ///< code of the program ran
    ends,     ///< the program ended in a handler, or left it (Caller::Ran::left, trapped)
    killed,   ///< the program ends by a signal, whatever its own code did
  };

  virtual ~Interrupts() = default;
  /// Whether deliver() may have something to do. Cheap, asked at every call.
  [[nodiscard]] virtual bool pending() const noexcept = 0;
  /// When deliver() may have something to do that is not pending yet: a timer's end.
  /// No wait lasts beyond it.
  [[nodiscard]] virtual std::optional<MonotonicTime> next() const noexcept = 0;
  /// Delivers what is pending on the thread that asks, outside of any turn.
  virtual Delivery deliver(Caller& caller) noexcept = 0;
};

}  // namespace brink::wasm
