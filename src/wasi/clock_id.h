#pragma once

#include <cstdint>

namespace brink::wasi {

/// The clocks of preview1, in the witx's order.
enum class ClockId : std::uint32_t { realtime = 0, monotonic = 1, process_cpu = 2, thread_cpu = 3 };

}  // namespace brink::wasi
