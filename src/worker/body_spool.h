#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "base/unique_fd.h"
#include "wasi/stream.h"
#include "worker/spool_budget.h"

namespace brink::worker {

/// A whole request body, kept until the program reads it: for bodies of unknown
/// length, since CONTENT_LENGTH has to be right. In memory up to kInMemory, and
/// in a file without a name beyond that. Its bounds are the limit on bodies, and the
/// worker's budget for all of them.
class BodySpool final : public wasi::InputStream {
 public:
  static constexpr std::size_t kInMemory = std::size_t{256} << 10;

  /// `budget` is not owned and outlives this.
  explicit BodySpool(SpoolBudget& budget) : budget_(budget) {}
  BodySpool(const BodySpool&) = delete;
  BodySpool& operator=(const BodySpool&) = delete;
  ~BodySpool() override { budget_.give(size_); }

  /// `directory` is where files go: not owned; -1 keeps to kInMemory.
  void begin(int directory);

  /// Adds to the end. Fails with io_error when the disk is full, with queue_full when
  /// the budget is used up.
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

  SpoolBudget& budget_;
  int directory_ = -1;
  std::string memory_;
  UniqueFd file_;
  std::uint64_t size_ = 0;
  std::uint64_t position_ = 0;
};

}  // namespace brink::worker
