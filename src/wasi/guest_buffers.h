#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "wasi/errno.h"
#include "wasi/iovecs.h"
#include "wasi/process.h"
#include "wasi/types.h"
#include "wasm/guest_memory.h"

namespace brink::wasi {

/// The buffers of one read or write, from the guest's array of iovecs: checked
/// whole, and cut down to the window that one attempt may move. Byte is
/// std::byte or const std::byte. The window points into the guest's memory: not
/// to be kept across a guest call or a wait.
template <class Byte>
class GuestBuffers {
 public:
  using Buffer = std::span<Byte>;
  /// The most buffers in a window: what the kernel gets at a time.
  static constexpr std::size_t kMaxPieces = Iovecs::kMax;

  /// Reads `count` iovecs at `address`. The window leaves out the first `skip`
  /// bytes, moved by earlier attempts, and empty buffers.
  ///
  /// INVAL for too many iovecs or a sum that the call's u32 result can't hold,
  /// FAULT for an array or a buffer outside of memory.
  Outcome<void> copy(const wasm::GuestMemory& memory, const ProcessLimits& limits,
                     std::uint32_t address, std::uint32_t count, std::uint64_t skip);

  [[nodiscard]] std::span<const Buffer> window() const {
    return spilled_.empty() ? std::span<const Buffer>(inline_.data(), size_)
                            : std::span<const Buffer>(spilled_);
  }
  [[nodiscard]] std::uint64_t window_bytes() const { return window_bytes_; }
  /// Of all iovecs, whatever was skipped or left for later.
  [[nodiscard]] std::uint64_t total_bytes() const { return total_bytes_; }

 private:
  void append(Buffer buffer);

  static constexpr std::size_t kInline = 8;
  std::array<Buffer, kInline> inline_{};
  std::vector<Buffer> spilled_;  ///< all of the window, once it is over kInline
  std::size_t size_ = 0;
  std::uint64_t window_bytes_ = 0;
  std::uint64_t total_bytes_ = 0;
};

extern template class GuestBuffers<std::byte>;
extern template class GuestBuffers<const std::byte>;

}  // namespace brink::wasi
