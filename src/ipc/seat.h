#pragma once

#include <cstdint>

namespace brink::ipc {

/// The most seats of a shared page.
inline constexpr std::uint32_t kMaxSeats = 256;

/// A worker process's place in the shared page. The node gives each live process a
/// seat of its own: a worker that drains and the one that replaces it in the same
/// worker slot sit on different seats. A seat is used again, with the next
/// generation, only after the node has freed it.
struct Seat {
  std::uint32_t index = 0;       ///< below the layout's seats
  std::uint32_t generation = 1;  ///< from 1 to 2^32 - 1
  bool operator==(const Seat&) const = default;
};

}  // namespace brink::ipc
