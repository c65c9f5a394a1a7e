#include "wasi/socket_lookup.h"

#include <cstring>
#include <utility>

#include "wasi/transfer.h"

namespace brink::wasi {
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

}  // namespace brink::wasi
