#pragma once

#include <cstdint>

#include "wasm/host_call.h"

namespace brink::wasm {

/// Signals for a guest thread, as its host calls see them: looked at when a call
/// ends, and when a wait does.
class Interrupts {
 public:
  enum class Delivery : std::uint8_t {
    nothing,  ///< none was fit to be delivered
    handled,  ///< code of the program ran
    ends,     ///< the program ends, by a signal or in a handler
  };

  virtual ~Interrupts() = default;
  /// Whether deliver() may have something to do. Cheap, asked at every call.
  [[nodiscard]] virtual bool pending() const noexcept = 0;
  /// Delivers what is pending on the thread that asks, outside of any turn.
  virtual Delivery deliver(Caller& caller) noexcept = 0;
};

}  // namespace brink::wasm
