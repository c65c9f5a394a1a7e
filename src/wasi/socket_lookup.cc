#include "wasi/socket_lookup.h"

#include <sys/un.h>

#include <cstddef>
#include <cstring>
#include <utility>

#include "wasi/transfer.h"
#include "wasi/unix_place.h"

namespace brink::wasi {
namespace {

/// NAMETOOLONG for what does not fit.
Outcome<KernelAddress> local_address(std::string_view path, UniqueFd directory) {
  sockaddr_un un{};
  if (path.size() >= sizeof un.sun_path) return failed(Errno::nametoolong);
  un.sun_family = AF_UNIX;
  std::memcpy(un.sun_path, path.data(), path.size());
  KernelAddress address{.directory = std::move(directory)};
  // An abstract name is what its length says; a path ends at its NUL.
  const bool abstract = path.starts_with('\0');
  address.size =
      static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + (abstract ? 0 : 1));
  std::memcpy(&address.bytes, &un, sizeof un);
  return address;
}

}  // namespace

Outcome<Socket*> lookup_socket(Process& process, std::uint32_t fd, Rights needed) {
  Descriptor* const descriptor = process.descriptors().find(fd);
  if (!descriptor) return failed(Errno::badf);
  Socket* const socket = descriptor->open->socket();
  if (!socket) return failed(Errno::notsock);
  if (!descriptor->base.covers(needed)) return failed(Errno::badf);
  return socket;
}

wasm::Attempt wait_or(wasm::HostCall& call, Socket& socket, const Patience& patience, Errno error) {
  if (error != Errno::again || (socket.flags() & fdflag::nonblock) != 0) return done(error);
  const auto time_out = socket.settings().time_outs[static_cast<std::size_t>(patience.which)];
  if (time_out && out_of_time(call, *time_out)) return done(patience.late);
  socket.add_wait(patience.direction, call.wait);
  return wasm::Attempt::again();
}

Outcome<void> install_socket(const wasm::HostCall& call, std::shared_ptr<Socket> socket,
                             std::uint32_t fd_out) {
  TRY(const std::uint32_t number,
      Process::of(call).descriptors().add(
          {std::move(socket), kSocketRights | kListenerRights, kSocketRights, std::nullopt}));
  return store(call, fd_out, number);
}

KernelAddress kernel_address(const net::SocketAddress& address) {
  KernelAddress kernel;
  kernel.size = address.size();
  std::memcpy(&kernel.bytes, address.data(), address.size());
  return kernel;
}

Outcome<KernelAddress> kernel_address(Process& process, const UnixName& name, NamePurpose purpose) {
  if (process.network() == nullptr) return failed(Errno::acces);
  if (name.kind == UnixName::Kind::abstract) {
    std::string path(1, '\0');
    path += process.network()->abstract_prefix();
    return local_address(path + name.name, UniqueFd());
  }
  if (name.kind == UnixName::Kind::unnamed) {
    return failed(purpose == NamePurpose::bind ? Errno::inval : Errno::destaddrreq);
  }
  TRY(UnixPlace place, unix_place(process, name.name, purpose));
  const std::string path =
      "/proc/self/fd/" + std::to_string(place.directory.get()) + "/" + place.name;
  return local_address(path, std::move(place.directory));
}

}  // namespace brink::wasi
