#pragma once

#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>

namespace brink::wasi {

/// Buffers in the form the kernel takes, at most kMax of them; what is beyond
/// makes a transfer short.
class Iovecs {
 public:
  static constexpr std::size_t kMax = 64;

  template <class Byte>
  explicit Iovecs(std::span<const std::span<Byte>> buffers)
      : size_(std::min(buffers.size(), kMax)) {
    for (std::size_t i = 0; i < size_; ++i) {
      // The kernel only reads from iovecs that are written from.
      iovecs_[i] = {const_cast<std::byte*>(buffers[i].data()), buffers[i].size()};
    }
  }

  [[nodiscard]] std::span<iovec> view() { return std::span(iovecs_).first(size_); }
  [[nodiscard]] iovec* data() { return iovecs_.data(); }
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  std::array<iovec, kMax> iovecs_;
  std::size_t size_;
};

}  // namespace brink::wasi
