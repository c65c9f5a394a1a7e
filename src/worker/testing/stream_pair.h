#pragma once

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <cstddef>
#include <memory>
#include <string>

#include "worker/client_stream.h"

namespace brink::worker::testing {

/// A ClientStream and the other end of its socket.
struct StreamPair {
  StreamPair() {
    std::array<int, 2> fds{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds.data()), 0);
    const int small = 16 << 10;
    ::setsockopt(fds[0], SOL_SOCKET, SO_SNDBUF, &small, sizeof(small));
    stream = std::make_unique<ClientStream>(UniqueFd(fds[0]));
    peer.reset(fds[1]);
  }

  void send(std::string_view bytes) const {
    EXPECT_EQ(::send(peer.get(), bytes.data(), bytes.size(), 0),
              static_cast<ssize_t>(bytes.size()));
  }

  /// Takes what has come to the peer, at most `most` bytes.
  std::string take(std::size_t most = std::size_t{1} << 30) const {
    std::string out;
    std::array<char, 4096> piece;
    while (out.size() < most) {
      const ssize_t got = ::recv(peer.get(), piece.data(), piece.size(), 0);
      if (got <= 0) break;
      out.append(piece.data(), static_cast<std::size_t>(got));
    }
    return out;
  }

  /// Everything, flushing until the stream has nothing left.
  std::string take_all() const {
    std::string out = take();
    while (stream->pending() != 0) {
      stream->flush();
      out += take();
    }
    return out;
  }

  std::unique_ptr<ClientStream> stream;
  UniqueFd peer;
};

}  // namespace brink::worker::testing
