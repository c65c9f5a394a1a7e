#pragma once

#include <cstddef>
#include <span>

#include "wasi/errno.h"

namespace brink::wasi {

/// Where random_get takes its bytes from; tests pass a predictable one.
class RandomSource {
 public:
  virtual ~RandomSource() = default;
  /// Fills `bytes` whole. Never blocks.
  [[nodiscard]] virtual Outcome<void> fill(std::span<std::byte> bytes) noexcept = 0;
};

/// getrandom(2). Thread-safe.
class SystemRandom final : public RandomSource {
 public:
  [[nodiscard]] Outcome<void> fill(std::span<std::byte> bytes) noexcept override;
};

}  // namespace brink::wasi
