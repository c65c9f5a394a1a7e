#pragma once

#include <sys/uio.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/unique_fd.h"
#include "net/buffer.h"

namespace brink::worker {

/// The bytes of one client connection, both ways, without any protocol: what has
/// come and is not used, and what has been written and not taken by the kernel.
/// Never blocks. The bounds are the callers': they stop reading and writing.
class ClientStream {
 public:
  enum class Status : std::uint8_t {
    ok,       ///< read: bytes came; flush: everything is with the kernel
    blocked,  ///< nothing more can be done before the next event
    ended,    ///< read: the client sends no more (it may still receive)
    broken,   ///< the connection is gone
  };

  explicit ClientStream(UniqueFd socket) : socket_(std::move(socket)) {}

  [[nodiscard]] int fd() const { return socket_.get(); }

  /// Receives once, at most `most` bytes, behind input().
  Status read(std::size_t most);
  [[nodiscard]] net::Buffer& input() { return input_; }
  /// Whether read() has returned `ended`.
  [[nodiscard]] bool input_ended() const { return input_ended_; }

  /// Append to this, then flush().
  [[nodiscard]] std::string& output() { return output_; }
  [[nodiscard]] std::size_t pending() const { return output_.size() - sent_; }
  Status flush();

  /// Sends what is pending and then `more`, gathered, without copying `more`.
  /// `taken` is how much of `more` the kernel took.
  Status flush_with(std::span<const iovec> more, std::size_t& taken);

  /// Bytes handed to the kernel since the connection began.
  [[nodiscard]] std::uint64_t total_sent() const { return total_sent_; }

  /// Tells the client that no more comes.
  void shut_down_sending();

  /// Gives back what large requests and answers have left behind.
  void shrink();

 private:
  Status failed();

  UniqueFd socket_;
  net::Buffer input_;
  std::string output_;
  std::size_t sent_ = 0;
  std::uint64_t total_sent_ = 0;
  bool input_ended_ = false;
};

}  // namespace brink::worker
