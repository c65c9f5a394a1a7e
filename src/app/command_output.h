#pragma once

#include <csignal>

#include "wasi/fd_stream.h"

namespace brink::app {

/// Standard output or error of a command. When nobody reads it any more, the process
/// ends as any other in a pipe would, by SIGPIPE: WASI has no signals by which the
/// program could be told, and many ignore the error. SIGPIPE is ignored until then,
/// since for the program's own pipes and sockets the error is all there is.
class CommandOutput final : public wasi::OutputStream {
 public:
  /// `fd` is not owned and stays open.
  explicit CommandOutput(int fd) : stream_(fd) {}

  wasi::Outcome<std::uint64_t> try_write(
      std::span<const wasi::ConstBytes> buffers) noexcept override {
    auto written = stream_.try_write(buffers);
    if (!written && written.error() == wasi::Errno::pipe) {
      std::signal(SIGPIPE, SIG_DFL);
      // The kernel's own: a forked process may send no signals.
      written = stream_.try_write(buffers);
    }
    return written;
  }
  wasi::Readiness room() noexcept override { return stream_.room(); }
  void add_wait(wasm::WaitSet& wait) noexcept override { stream_.add_wait(wait); }

 private:
  wasi::FdOutputStream stream_;
};

}  // namespace brink::app
