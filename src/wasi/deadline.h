#pragma once

#include <algorithm>
#include <cstdint>

#include "base/clock.h"

namespace brink::wasi {

/// `base` + a guest's `nanoseconds`, or the end of time.
inline MonotonicTime later(MonotonicTime base, std::uint64_t nanoseconds) {
  const auto room = static_cast<std::uint64_t>((Duration::max() - base.since_boot).count());
  return base + Duration(static_cast<std::int64_t>(std::min(nanoseconds, room)));
}

}  // namespace brink::wasi
