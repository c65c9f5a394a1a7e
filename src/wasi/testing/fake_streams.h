#pragma once

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>

#include "wasi/stream.h"

namespace brink::wasi::testing {

/// An input stream whose bytes and end the test decides on.
class FakeInput final : public InputStream {
 public:
  void push(std::string_view bytes) { bytes_.append(bytes); }
  void close() { closed_ = true; }
  /// A terminal, not to be read from.
  void set_kernel_descriptor(int fd) { kernel_descriptor_ = fd; }

  Outcome<std::uint64_t> try_read(std::span<const MutableBytes> buffers) noexcept override {
    if (bytes_.empty()) {
      if (closed_) return 0;
      return std::unexpected(Errno::again);
    }
    std::uint64_t moved = 0;
    for (const MutableBytes buffer : buffers) {
      const std::size_t size = std::min(buffer.size(), bytes_.size());
      std::memcpy(buffer.data(), bytes_.data(), size);
      bytes_.erase(0, size);
      moved += size;
    }
    return moved;
  }

  Readiness available() noexcept override {
    if (bytes_.empty() && !closed_) return {};
    return {closed_ && bytes_.empty() ? Readiness::State::hung_up : Readiness::State::ready,
            bytes_.size()};
  }

  void add_wait(wasm::WaitSet& wait) noexcept override { wait.on_input(); }
  [[nodiscard]] int kernel_descriptor() const noexcept override { return kernel_descriptor_; }

 private:
  int kernel_descriptor_ = -1;
  std::string bytes_;
  bool closed_ = false;
};

/// An output stream that keeps what it got, with as much room as the test gives.
class FakeOutput final : public OutputStream {
 public:
  [[nodiscard]] const std::string& text() const { return text_; }
  void set_room(std::uint64_t room) { room_ = room; }
  void close() { closed_ = true; }

  Outcome<std::uint64_t> try_write(std::span<const ConstBytes> buffers) noexcept override {
    if (closed_) return std::unexpected(Errno::pipe);
    if (room_ == 0) return std::unexpected(Errno::again);
    std::uint64_t moved = 0;
    for (const ConstBytes buffer : buffers) {
      const auto size = std::min<std::uint64_t>(buffer.size(), room_);
      text_.append(reinterpret_cast<const char*>(buffer.data()), size);
      room_ -= size;
      moved += size;
    }
    return moved;
  }

  Readiness room() noexcept override {
    if (closed_) return {Readiness::State::hung_up, 0};
    if (room_ == 0) return {};
    return {Readiness::State::ready, room_};
  }

  void add_wait(wasm::WaitSet& wait) noexcept override { wait.on_output(); }

 private:
  std::string text_;
  std::uint64_t room_ = UINT64_MAX;
  bool closed_ = false;
};

}  // namespace brink::wasi::testing
