#pragma once

#include <memory>
#include <utility>

#include "base/unique_fd.h"
#include "wasi/open_description.h"

namespace brink::wasi {

/// One end of a kernel pipe as a descriptor. The kernel's file description is always
/// non-blocking; whether the guest waits is up to `flags`. SIGPIPE must be ignored in
/// this process. As FIFOs have no file type of their own in WASI: unknown.
class Pipe final : public OpenDescription {
 public:
  struct Ends {
    std::shared_ptr<Pipe> read;
    std::shared_ptr<Pipe> write;
  };
  static Outcome<Ends> create();
  /// The end that another process has sent; INVAL when it is none of a pipe.
  static Outcome<std::shared_ptr<Pipe>> adopt(UniqueFd descriptor, Direction end,
                                              std::uint16_t flags);

  Pipe(UniqueFd descriptor, Direction end, std::uint16_t flags)
      : descriptor_(std::move(descriptor)), end_(end), flags_(flags) {}

  [[nodiscard]] FileType type() const noexcept override { return FileType::unknown; }
  [[nodiscard]] std::uint16_t flags() const noexcept override { return flags_; }
  Outcome<void> set_flags(std::uint16_t flags) noexcept override;
  Outcome<std::uint64_t> read(std::span<const MutableBytes> buffers) noexcept override;
  Outcome<std::uint64_t> write(std::span<const ConstBytes> buffers) noexcept override;
  Outcome<Readiness> readiness(Direction direction) noexcept override;
  void add_wait(Direction direction, wasm::WaitSet& wait) noexcept override;
  [[nodiscard]] int kernel_descriptor() const noexcept override { return descriptor_.get(); }
  [[nodiscard]] std::optional<PortableDescription> portable() const override;

 private:
  UniqueFd descriptor_;
  Direction end_;
  std::uint16_t flags_;
};

}  // namespace brink::wasi
