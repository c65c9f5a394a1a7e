#include "wasi/socket.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <optional>

#include "base/result.h"
#include "wasi/iovecs.h"
#include "wasi/kernel_readiness.h"

namespace brink::wasi {
namespace {

std::optional<int> option(int fd, int name) {
  int value = 0;
  socklen_t size = sizeof value;
  if (::getsockopt(fd, SOL_SOCKET, name, &value, &size) != 0) return std::nullopt;
  return value;
}

std::unexpected<Errno> host_failure() { return std::unexpected(from_host(errno)); }

FileType file_type(int type) {
  if (type == SOCK_DGRAM) return FileType::socket_datagram;
  return type == SOCK_SEQPACKET ? FileType::socket_seqpacket : FileType::socket_stream;
}

/// Errors of a single connection that died in the listener's queue: accept(2)
/// says to go on as if it had not been there.
bool concerns_one_connection(int error) {
  return error == ECONNABORTED || error == EPROTO || error == ENETDOWN || error == ENOPROTOOPT ||
         error == EHOSTDOWN || error == EHOSTUNREACH || error == ENETUNREACH;
}

}  // namespace

Outcome<std::shared_ptr<Socket>> Socket::adopt(UniqueFd socket) {
  const auto type = option(socket.get(), SO_TYPE);
  if (!type) return host_failure();
  const int flags = ::fcntl(socket.get(), F_GETFL);
  if (flags < 0 || ::fcntl(socket.get(), F_SETFL, flags | O_NONBLOCK) != 0) return host_failure();
  const Role role =
      option(socket.get(), SO_ACCEPTCONN).value_or(0) != 0 ? Role::listener : Role::connection;
  const Kind kind{option(socket.get(), SO_DOMAIN).value_or(AF_UNIX), role, file_type(*type)};
  return std::make_shared<Socket>(std::move(socket), kind, std::uint16_t{0});
}

Outcome<std::shared_ptr<Socket>> Socket::open(int family, int type, int protocol,
                                              std::uint16_t flags) {
  UniqueFd socket(::socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol));
  if (!socket) return host_failure();
  const Role role = type == SOCK_DGRAM ? Role::connection : Role::fresh;
  return std::make_shared<Socket>(std::move(socket), Kind{family, role, file_type(type)}, flags);
}

Outcome<std::pair<std::shared_ptr<Socket>, std::shared_ptr<Socket>>> Socket::pair(
    int type, std::uint16_t flags) {
  int ends[2];
  if (::socketpair(AF_UNIX, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) != 0) {
    return host_failure();
  }
  UniqueFd one(ends[0]);
  UniqueFd two(ends[1]);
  const Kind kind{AF_UNIX, Role::connection, file_type(type)};
  return std::pair(std::make_shared<Socket>(std::move(one), kind, flags),
                   std::make_shared<Socket>(std::move(two), kind, flags));
}

Outcome<std::shared_ptr<Socket>> Socket::accept(std::uint16_t flags) noexcept {
  if (!listens()) return std::unexpected(Errno::inval);
  // Bounded: a peer that only aborts must not keep this attempt busy.
  constexpr int kTries = 16;
  for (int i = 0; i < kTries; ++i) {
    UniqueFd accepted(::accept4(descriptor_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (accepted) {
      auto socket = std::make_shared<Socket>(std::move(accepted),
                                             Kind{family_, Role::connection, type_}, flags);
      socket->own_name_ = own_name_;
      return socket;
    }
    if (errno != EINTR && !concerns_one_connection(errno)) return host_failure();
  }
  return std::unexpected(Errno::again);
}

Outcome<Socket::Received> Socket::receive(std::span<const MutableBytes> buffers, int flags,
                                          Sender sender) noexcept {
  if (listens()) return std::unexpected(Errno::notconn);
  Iovecs iovecs(buffers);
  sockaddr_storage from{};
  msghdr message{};
  message.msg_iov = iovecs.data();
  message.msg_iovlen = iovecs.size();
  if (sender == Sender::told) {
    message.msg_name = &from;
    message.msg_namelen = sizeof from;
  }
  ssize_t got = 0;
  do {
    got = ::recvmsg(descriptor_.get(), &message, flags | MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  } while (got < 0 && errno == EINTR);
  if (got < 0) return host_failure();
  Received received{static_cast<std::uint64_t>(got), (message.msg_flags & MSG_TRUNC) != 0};
  if (sender == Sender::told && message.msg_namelen != 0) {
    if (auto name = name_from_kernel(from, message.msg_namelen)) received.from = *std::move(name);
  }
  return received;
}

Outcome<std::uint64_t> Socket::send(std::span<const ConstBytes> buffers,
                                    const KernelAddress* to) noexcept {
  if (listens()) return std::unexpected(Errno::notconn);
  if (mute_ && to == nullptr) return std::unexpected(Errno::acces);
  Iovecs iovecs(buffers);
  msghdr message{};
  message.msg_iov = iovecs.data();
  message.msg_iovlen = iovecs.size();
  if (to != nullptr) {
    message.msg_name = const_cast<sockaddr*>(to->get());  // only read
    message.msg_namelen = to->size;
  }
  ssize_t sent = 0;
  do {
    sent = ::sendmsg(descriptor_.get(), &message, MSG_DONTWAIT | MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  if (sent < 0) return host_failure();
  return static_cast<std::uint64_t>(sent);
}

Outcome<void> Socket::shutdown(int how) noexcept {
  if (::shutdown(descriptor_.get(), how) != 0) return host_failure();
  return {};
}

Outcome<void> Socket::set_flags(std::uint16_t flags) noexcept {
  flags_ = flags;
  return {};
}

Outcome<std::uint64_t> Socket::read(std::span<const MutableBytes> buffers) noexcept {
  TRY(const Received received, receive(buffers, 0));
  return received.size;
}

Outcome<std::uint64_t> Socket::write(std::span<const ConstBytes> buffers) noexcept {
  return send(buffers);
}

Outcome<Readiness> Socket::readiness(Direction direction) noexcept {
  Readiness readiness =
      kernel_readiness(descriptor_.get(), direction == Direction::read ? POLLIN : POLLOUT);
  // One connection counts as one byte, so that "ready" is never "0 bytes".
  if (listens() && readiness.ready()) readiness.bytes = 1;
  return readiness;
}

void Socket::add_wait(Direction direction, wasm::WaitSet& wait) noexcept {
  wait.on_fd(descriptor_.get(), direction == Direction::read ? POLLIN : POLLOUT);
}

std::optional<Duration> Socket::patience(Direction direction) const noexcept {
  const TimeOut which = direction == Direction::read ? TimeOut::receive : TimeOut::send;
  return settings_.time_outs[static_cast<std::size_t>(which)];
}

void Socket::after_fork_in_child() noexcept {
  if (lease_) lease_->after_fork_in_child();
}

}  // namespace brink::wasi
