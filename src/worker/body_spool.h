#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "base/unique_fd.h"
#include "wasi/stream.h"

namespace brink::worker {

/// A whole request body, kept until the program reads it: for bodies of unknown
/// length, since CONTENT_LENGTH has to be right. In memory up to kInMemory, and
/// in a file without a name beyond that. Its bound is the limit on bodies.
class BodySpool final : public wasi::InputStream {
 public:
  static constexpr std::size_t kInMemory = std::size_t{256} << 10;

  /// `directory` is where files go: not owned; -1 keeps to kInMemory.
  void begin(int directory);

  /// Adds to the end. Fails with io_error when the disk is full.
  Result<void> append(std::string_view bytes);

  /// Drops the body with its memory and its file.
  void release();

  [[nodiscard]] std::uint64_t size() const { return size_; }

  wasi::Outcome<std::uint64_t> try_read(
      std::span<const wasi::MutableBytes> buffers) noexcept override;
  wasi::Readiness available() noexcept override;
  void add_wait(wasm::WaitSet& /*wait*/) noexcept override {}

 private:
  Result<void> move_to_file();

  int directory_ = -1;
  std::string memory_;
  UniqueFd file_;
  std::uint64_t size_ = 0;
  std::uint64_t position_ = 0;
};

}  // namespace brink::worker
