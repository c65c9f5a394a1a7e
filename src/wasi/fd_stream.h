#pragma once

#include "base/unique_fd.h"
#include "wasi/stream.h"

namespace brink::wasi {

/// A program's standard input from a kernel descriptor of any kind: terminal,
/// pipe, file. The descriptor may be blocking and shared with other processes
/// (its flags stay as they are): every attempt polls first.
class FdInputStream final : public InputStream {
 public:
  /// `fd` is not owned and stays open.
  explicit FdInputStream(int fd) : fd_(fd) {}
  Outcome<std::uint64_t> try_read(std::span<const MutableBytes> buffers) noexcept override;
  Readiness available() noexcept override;
  void add_wait(wasm::WaitSet& wait) noexcept override;
  [[nodiscard]] int kernel_descriptor() const noexcept override { return fd_; }

 private:
  int fd_;
};

/// A program's standard output or error to a kernel descriptor, as above. A
/// blocking pipe gets at most PIPE_BUF bytes per attempt, which is what poll(2)
/// promises room for. A pipe without a reader is Errno::pipe, or the process's end
/// where SIGPIPE is not ignored.
class FdOutputStream final : public OutputStream {
 public:
  /// `fd` is not owned and stays open.
  explicit FdOutputStream(int fd) : fd_(fd) {}
  Outcome<std::uint64_t> try_write(std::span<const ConstBytes> buffers) noexcept override;
  Readiness room() noexcept override;
  void add_wait(wasm::WaitSet& wait) noexcept override;
  [[nodiscard]] int kernel_descriptor() const noexcept override { return fd_; }

 private:
  int fd_;
};

}  // namespace brink::wasi
