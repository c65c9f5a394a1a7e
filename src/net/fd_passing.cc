#include "net/fd_passing.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include <cerrno>
#include <cstring>

#include "base/check.h"

namespace brink::net {
namespace {

constexpr std::size_t kControlSize = CMSG_SPACE(kMaxPassedFds * sizeof(int));

/// Takes ownership of every descriptor that arrived, whatever else is wrong.
std::vector<UniqueFd> take_fds(msghdr& message) {
  std::vector<UniqueFd> fds;
  for (cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr;
       part = CMSG_NXTHDR(&message, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(part) + i * sizeof(int), sizeof fd);
      fds.emplace_back(fd);
    }
  }
  return fds;
}

}  // namespace

Result<Transfer> send_with_fds(int socket, std::span<const std::byte> packet,
                               std::span<const int> fds) {
  BRINK_CHECK(!packet.empty());
  if (fds.size() > kMaxPassedFds) {
    return fail(ErrorCode::resource_exhausted,
                "can't send " + std::to_string(fds.size()) + " descriptors in one message",
                "send at most " + std::to_string(kMaxPassedFds));
  }
  iovec data{const_cast<std::byte*>(packet.data()), packet.size()};
  alignas(cmsghdr) std::byte control[kControlSize];
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  if (!fds.empty()) {
    std::memset(control, 0, sizeof control);
    message.msg_control = control;
    message.msg_controllen = CMSG_SPACE(fds.size_bytes());
    cmsghdr* part = CMSG_FIRSTHDR(&message);
    part->cmsg_level = SOL_SOCKET;
    part->cmsg_type = SCM_RIGHTS;
    part->cmsg_len = CMSG_LEN(fds.size_bytes());
    std::memcpy(CMSG_DATA(part), fds.data(), fds.size_bytes());
  }
  ssize_t sent = -1;
  do {
    sent = ::sendmsg(socket, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  if (sent == static_cast<ssize_t>(packet.size())) return Transfer::done;
  if (sent >= 0) return fail(ErrorCode::io_error, "a packet was sent only in part");
  switch (errno) {
    case EAGAIN:
    case ENOBUFS:
    case ETOOMANYREFS:
      return Transfer::would_block;
    case EPIPE:
    case ECONNRESET:
    case ENOTCONN:
      return Transfer::closed;
    default:
      return std::unexpected(errno_error(ErrorCode::io_error, "sendmsg", errno));
  }
}

Result<ReceivedPacket> receive_with_fds(int socket, std::span<std::byte> buffer) {
  BRINK_CHECK(!buffer.empty());
  iovec data{buffer.data(), buffer.size()};
  alignas(cmsghdr) std::byte control[kControlSize];
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  ssize_t received = -1;
  do {
    received = ::recvmsg(socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  } while (received < 0 && errno == EINTR);
  if (received < 0) {
    if (errno == EAGAIN) return ReceivedPacket{};
    if (errno == ECONNRESET) return ReceivedPacket{.transfer = Transfer::closed, .fds = {}};
    return std::unexpected(errno_error(ErrorCode::io_error, "recvmsg", errno));
  }
  ReceivedPacket packet{Transfer::done, static_cast<std::size_t>(received), take_fds(message)};
  if ((message.msg_flags & MSG_CTRUNC) != 0) {
    return fail(ErrorCode::resource_exhausted, "descriptors sent to this process were lost",
                "raise the limit of open files (ulimit -n); at most " +
                    std::to_string(kMaxPassedFds) + " fit in one message");
  }
  if ((message.msg_flags & MSG_TRUNC) != 0) {
    return fail(ErrorCode::io_error,
                "a packet is larger than " + std::to_string(buffer.size()) + " bytes");
  }
  if (received == 0) packet.transfer = Transfer::closed;
  return packet;
}

}  // namespace brink::net
