#pragma once

#include "base/units.h"

namespace brink::wasi {

/// How much processor time a guest has used: what its process and thread CPU
/// clocks show. Implemented by the executor, which accounts for it anyway.
class GuestTime {
 public:
  virtual ~GuestTime() = default;
  [[nodiscard]] virtual Duration process_cpu() const noexcept = 0;
  /// Of the guest thread that makes the call.
  [[nodiscard]] virtual Duration thread_cpu() const noexcept = 0;
};

}  // namespace brink::wasi
