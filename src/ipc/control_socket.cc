#include "ipc/control_socket.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace brink::ipc {
namespace {

constexpr int kBacklog = 128;

Result<sockaddr_un> unix_address(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path) {
    return fail(ErrorCode::usage, "the control socket's path is too long: " + path,
                "choose a run directory with a path of at most 80 bytes");
  }
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  return address;
}

Result<UniqueFd> seqpacket_socket() {
  UniqueFd socket(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket) return std::unexpected(errno_error(ErrorCode::resource_exhausted, "socket", errno));
  return socket;
}

template <class Call>
bool call_with(Call call, int socket, const sockaddr_un& address) {
  return call(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

/// Removes a socket file left by a process that is gone. False if it answers, or is
/// not a socket at all.
bool remove_stale(const std::string& path, const sockaddr_un& address) {
  struct stat info{};
  if (::lstat(path.c_str(), &info) != 0 || !S_ISSOCK(info.st_mode)) return false;
  const auto probe = seqpacket_socket();
  if (!probe || call_with(::connect, probe->get(), address) || errno != ECONNREFUSED) return false;
  return ::unlink(path.c_str()) == 0;
}

}  // namespace

Result<UniqueFd> listen_control(const std::string& path) {
  TRY(const sockaddr_un address, unix_address(path));
  TRY(UniqueFd socket, seqpacket_socket());
  // The file gets the socket inode's mode: at no time may anybody else connect.
  bool ok = ::fchmod(socket.get(), 0600) == 0;
  if (ok && !call_with(::bind, socket.get(), address)) {
    if (errno == EADDRINUSE && !remove_stale(path, address)) {
      return fail(ErrorCode::address_in_use, path + " is in use",
                  "stop the other brink, or give this one a run directory of its own");
    }
    ok = call_with(::bind, socket.get(), address);
  }
  if (ok && ::listen(socket.get(), kBacklog) == 0) return socket;
  return std::unexpected(errno_error(ErrorCode::io_error, "can't listen on " + path, errno));
}

Result<std::optional<Channel>> accept_control(int listener) {
  UniqueFd socket(::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (socket) return std::optional(Channel(std::move(socket)));
  if (errno == EAGAIN || errno == ECONNABORTED || errno == EINTR) return std::nullopt;
  return std::unexpected(errno_error(ErrorCode::io_error, "accept", errno));
}

Result<Channel> connect_control(const std::string& path) {
  TRY(const sockaddr_un address, unix_address(path));
  TRY(UniqueFd socket, seqpacket_socket());
  if (!call_with(::connect, socket.get(), address)) {
    Error error = errno_error(ErrorCode::io_error, "can't reach the node at " + path, errno);
    error.remedy = "is brink running with this run directory?";
    return std::unexpected(std::move(error));
  }
  return Channel(std::move(socket));
}

}  // namespace brink::ipc
