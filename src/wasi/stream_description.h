#pragma once

#include "wasi/open_description.h"
#include "wasi/stream.h"

namespace brink::wasi {

/// Standard input as a descriptor: a character device that only reads.
class InputDescription final : public OpenDescription {
 public:
  /// `stream` is not owned and outlives this.
  explicit InputDescription(InputStream& stream) : stream_(stream) {}

  [[nodiscard]] FileType type() const noexcept override { return FileType::character_device; }
  [[nodiscard]] std::uint16_t flags() const noexcept override { return flags_; }
  Outcome<void> set_flags(std::uint16_t flags) noexcept override;
  Outcome<std::uint64_t> read(std::span<const MutableBytes> buffers) noexcept override;
  Outcome<Readiness> readiness(Direction direction) noexcept override;
  void add_wait(Direction direction, wasm::WaitSet& wait) noexcept override;
  [[nodiscard]] int kernel_descriptor() const noexcept override {
    return stream_.kernel_descriptor();
  }
  [[nodiscard]] std::uint64_t times_blocked() const noexcept override { return times_blocked_; }
  [[nodiscard]] std::optional<PortableDescription> portable() const override;

 private:
  InputStream& stream_;
  std::uint16_t flags_ = 0;
  std::uint64_t times_blocked_ = 0;
};

/// Standard output or error as a descriptor: a character device that only writes.
class OutputDescription final : public OpenDescription {
 public:
  /// `stream` is not owned and outlives this; `number` is 1 or 2.
  OutputDescription(OutputStream& stream, std::uint32_t number)
      : stream_(stream), number_(number) {}

  [[nodiscard]] FileType type() const noexcept override { return FileType::character_device; }
  [[nodiscard]] std::uint16_t flags() const noexcept override { return flags_; }
  Outcome<void> set_flags(std::uint16_t flags) noexcept override;
  Outcome<std::uint64_t> write(std::span<const ConstBytes> buffers) noexcept override;
  Outcome<Readiness> readiness(Direction direction) noexcept override;
  void add_wait(Direction direction, wasm::WaitSet& wait) noexcept override;
  [[nodiscard]] int kernel_descriptor() const noexcept override {
    return stream_.kernel_descriptor();
  }
  [[nodiscard]] std::uint64_t times_blocked() const noexcept override { return times_blocked_; }
  [[nodiscard]] std::optional<PortableDescription> portable() const override;

 private:
  OutputStream& stream_;
  std::uint32_t number_;
  std::uint16_t flags_ = 0;
  std::uint64_t times_blocked_ = 0;
};

}  // namespace brink::wasi
