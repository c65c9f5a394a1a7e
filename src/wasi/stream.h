#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "wasi/errno.h"
#include "wasm/wait_set.h"

namespace brink::wasi {

using MutableBytes = std::span<std::byte>;
using ConstBytes = std::span<const std::byte>;

/// What poll_oneoff learns about one direction of a stream.
struct Readiness {
  enum class State : std::uint8_t {
    blocked,  ///< an attempt would have to wait
    ready,    ///< an attempt ends at once, be it with the end or an error
    hung_up,  ///< ready, and the other side is gone
  };
  State state = State::blocked;
  std::uint64_t bytes = 0;  ///< how many an attempt could move; 0 when unknown

  [[nodiscard]] bool ready() const { return state != State::blocked; }
};

/// Where a program's standard input comes from: a request body in a worker, a
/// kernel descriptor in a command (fd_stream.h). Used by one thread; never blocks.
class InputStream {
 public:
  virtual ~InputStream() = default;

  /// Reads into `buffers`, in order. 0 is the end of the stream (`buffers` hold
  /// at least one byte); Errno::again means that nothing is there yet.
  virtual Outcome<std::uint64_t> try_read(std::span<const MutableBytes> buffers) noexcept = 0;

  /// Whether try_read would end at once, and with how many bytes.
  virtual Readiness available() noexcept = 0;

  /// Adds to `wait` what ends the state in which try_read said Errno::again.
  virtual void add_wait(wasm::WaitSet& wait) noexcept = 0;

  /// The kernel descriptor behind it, below 0 when there is none.
  [[nodiscard]] virtual int kernel_descriptor() const noexcept { return -1; }
};

/// Where a program's standard output or error goes to: the response, a log, a
/// kernel descriptor. Used by one thread; never blocks.
class OutputStream {
 public:
  virtual ~OutputStream() = default;

  /// Takes a first part of `buffers` (together at least one byte), and says how
  /// many bytes; never 0. Errno::again when there is no room now, Errno::pipe
  /// when nobody will read this any more.
  virtual Outcome<std::uint64_t> try_write(std::span<const ConstBytes> buffers) noexcept = 0;

  /// Whether try_write would end at once, and with how many bytes.
  virtual Readiness room() noexcept = 0;

  /// Adds to `wait` what ends the state in which try_write said Errno::again.
  virtual void add_wait(wasm::WaitSet& wait) noexcept = 0;

  /// The kernel descriptor behind it, below 0 when there is none.
  [[nodiscard]] virtual int kernel_descriptor() const noexcept { return -1; }
};

}  // namespace brink::wasi
