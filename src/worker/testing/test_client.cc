#include "worker/testing/test_client.h"

#include <fcntl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/check.h"

namespace brink::worker::testing {

TestClient::TestClient(const net::SocketAddress& server, Receiving receiving)
    : socket_(::socket(server.family(), SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  if (receiving == Receiving::small) {
    const int bytes = 4096;
    ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
  }
  BRINK_CHECK(::connect(socket_.get(), server.data(), server.size()) == 0);
  BRINK_CHECK(::fcntl(socket_.get(), F_SETFL, O_NONBLOCK) == 0);
}

std::string_view TestClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0) break;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return bytes;
}

void TestClient::finish_sending() { ::shutdown(socket_.get(), SHUT_WR); }

void TestClient::reset() {
  const linger hard{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
  socket_.reset();
}

void TestClient::receive(std::size_t most) {
  std::array<char, 16384> piece;
  while (most != 0 && end_ == End::none && socket_) {
    const ssize_t got = ::recv(socket_.get(), piece.data(), std::min(most, piece.size()), 0);
    if (got > 0) {
      text_.append(piece.data(), static_cast<std::size_t>(got));
      most -= static_cast<std::size_t>(got);
      continue;
    }
    if (got == 0) {
      end_ = End::orderly;
    } else if (errno != EAGAIN) {
      end_ = End::reset;
    }
    return;
  }
}

std::size_t TestClient::count(std::string_view what) const {
  std::size_t found = 0;
  for (std::size_t at = text_.find(what); at != std::string::npos;
       at = text_.find(what, at + what.size())) {
    ++found;
  }
  return found;
}

}  // namespace brink::worker::testing
