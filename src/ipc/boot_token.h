#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace brink::ipc {

/// 128 random bits that the node gives to each child it starts, and that the child
/// shows in its greeting. A secret of these two processes: never logged.
class BootToken {
 public:
  /// The environment variable that carries it to the child.
  static constexpr const char* kVariable = "BRINK_BOOT_TOKEN";

  /// Fresh bits from the kernel.
  static Result<BootToken> random();

  /// 32 lower-case hexadecimal digits.
  static Result<BootToken> parse(std::string_view hex);

  /// Reads kVariable and removes it from the environment, so that no guest and no
  /// grandchild sees it. Call before any other thread exists.
  static Result<BootToken> take_from_environment();

  [[nodiscard]] std::string hex() const;

  /// Takes the same time wherever the difference is.
  friend bool operator==(const BootToken& a, const BootToken& b) noexcept;

 private:
  std::array<std::uint8_t, 16> bytes_{};
};

}  // namespace brink::ipc
