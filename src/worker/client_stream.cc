#include "worker/client_stream.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace brink::worker {
namespace {

constexpr std::size_t kReadStep = 2048;
constexpr std::size_t kKept = std::size_t{16} << 10;
constexpr std::size_t kMostPieces = 64;

}  // namespace

ClientStream::Status ClientStream::failed() {
  if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return Status::blocked;
  return Status::broken;
}

ClientStream::Status ClientStream::read(std::size_t most) {
  std::span<char> room = input_.prepare(std::min(most, kReadStep));
  room = room.first(std::min(room.size(), most));
  const ssize_t got = ::recv(socket_.get(), room.data(), room.size(), 0);
  if (got < 0) return failed();
  if (got == 0) {
    input_ended_ = true;
    return Status::ended;
  }
  input_.commit(static_cast<std::size_t>(got));
  return Status::ok;
}

ClientStream::Status ClientStream::flush() {
  while (sent_ < output_.size()) {
    const ssize_t sent = ::send(socket_.get(), output_.data() + sent_, output_.size() - sent_,
                                MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0) return failed();
    sent_ += static_cast<std::size_t>(sent);
    total_sent_ += static_cast<std::uint64_t>(sent);
  }
  output_.clear();
  sent_ = 0;
  return Status::ok;
}

ClientStream::Status ClientStream::flush_with(std::span<const iovec> more, std::size_t& taken) {
  taken = 0;
  std::array<iovec, kMostPieces> pieces;
  std::size_t count = 0;
  const std::size_t own = pending();
  if (own != 0) pieces[count++] = {output_.data() + sent_, own};
  for (const iovec& piece : more.first(std::min(more.size(), kMostPieces - 1))) {
    pieces[count++] = piece;
  }
  msghdr message{};
  message.msg_iov = pieces.data();
  message.msg_iovlen = count;
  const ssize_t result = ::sendmsg(socket_.get(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
  if (result < 0) return failed();
  const auto sent = static_cast<std::size_t>(result);
  total_sent_ += sent;
  if (sent < own) {
    sent_ += sent;
    return Status::blocked;
  }
  output_.clear();
  sent_ = 0;
  taken = sent - own;
  return Status::ok;
}

void ClientStream::shut_down_sending() { ::shutdown(socket_.get(), SHUT_WR); }

void ClientStream::shrink() {
  if (input_.empty() && input_.capacity() > kKept) input_.release();
  if (output_.empty() && output_.capacity() > kKept) std::string().swap(output_);
}

}  // namespace brink::worker
