#include "wasi/guest_buffers.h"

#include <algorithm>
#include <cstring>
#include <limits>

namespace brink::wasi {

template <class Byte>
void GuestBuffers<Byte>::append(Buffer buffer) {
  if (size_ < kInline) {
    inline_[size_] = buffer;
  } else {
    if (size_ == kInline) spilled_.assign(inline_.begin(), inline_.end());
    spilled_.push_back(buffer);
  }
  ++size_;
  window_bytes_ += buffer.size();
}

template <class Byte>
Outcome<void> GuestBuffers<Byte>::copy(const wasm::GuestMemory& memory, const ProcessLimits& limits,
                                       std::uint32_t address, std::uint32_t count,
                                       std::uint64_t skip) {
  if (count > limits.iovecs) return std::unexpected(Errno::inval);
  const auto array = memory.bytes(address, std::uint64_t{count} * sizeof(GuestIovec));
  if (!array) return std::unexpected(Errno::fault);
  for (std::uint32_t i = 0; i < count; ++i) {
    // Copied before it is checked: another guest thread may change the original.
    GuestIovec iovec;
    std::memcpy(&iovec, array->data() + std::size_t{i} * sizeof iovec, sizeof iovec);
    if (iovec.length == 0) continue;
    const auto bytes = memory.bytes(iovec.address, iovec.length);
    if (!bytes) return std::unexpected(Errno::fault);
    total_bytes_ += iovec.length;
    if (total_bytes_ > std::numeric_limits<std::uint32_t>::max()) {
      return std::unexpected(Errno::inval);
    }
    const std::uint64_t skipped = std::min<std::uint64_t>(skip, iovec.length);
    skip -= skipped;
    const std::uint64_t room = size_ < kMaxPieces ? limits.per_attempt.bytes() - window_bytes_ : 0;
    const std::uint64_t taken = std::min<std::uint64_t>(iovec.length - skipped, room);
    if (taken != 0) append(Buffer(bytes->subspan(skipped, taken)));
  }
  return {};
}

template class GuestBuffers<std::byte>;
template class GuestBuffers<const std::byte>;

}  // namespace brink::wasi
