#pragma once

#include <memory>
#include <utility>

#include "base/unique_fd.h"
#include "wasi/open_description.h"

namespace brink::wasi {

/// A kernel eventfd as a descriptor, see eventfd(2): reads and writes are of one
/// 64-bit number. Never blocking in the kernel, as Pipe.
class EventCounter final : public OpenDescription {
 public:
  enum class Kind : std::uint8_t { counter, semaphore };
  /// INVAL for the one number that no counter can have, 2^64 - 1.
  static Outcome<std::shared_ptr<EventCounter>> create(std::uint64_t initial, Kind kind,
                                                       std::uint16_t flags);

  /// `descriptor` is an eventfd, non-blocking.
  EventCounter(UniqueFd descriptor, std::uint16_t flags)
      : descriptor_(std::move(descriptor)), flags_(flags) {}

  [[nodiscard]] FileType type() const noexcept override { return FileType::unknown; }
  [[nodiscard]] std::uint16_t flags() const noexcept override { return flags_; }
  Outcome<void> set_flags(std::uint16_t flags) noexcept override;
  /// INVAL for less than 8 bytes.
  Outcome<std::uint64_t> read(std::span<const MutableBytes> buffers) noexcept override;
  /// Takes the first 8 bytes and drops what follows; INVAL for less.
  Outcome<std::uint64_t> write(std::span<const ConstBytes> buffers) noexcept override;
  Outcome<Readiness> readiness(Direction direction) noexcept override;
  void add_wait(Direction direction, wasm::WaitSet& wait) noexcept override;
  [[nodiscard]] int kernel_descriptor() const noexcept override { return descriptor_.get(); }
  [[nodiscard]] std::optional<PortableDescription> portable() const override;

 private:
  UniqueFd descriptor_;
  std::uint16_t flags_;
};

}  // namespace brink::wasi
