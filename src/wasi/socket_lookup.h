#pragma once

#include <cstdint>

#include "wasi/call_support.h"
#include "wasi/socket.h"

namespace brink::wasi {

/// The socket `fd` if it has all of `needed`: BADF, NOTSOCK, BADF, in this order.
Outcome<Socket*> lookup_socket(Process& process, std::uint32_t fd, Rights needed = Rights());

/// The end of an attempt that could do nothing: waits, unless the guest asked not to
/// or it really failed. `which` time-out bounds the wait, and then says `late`.
struct Patience {
  OpenDescription::Direction direction;
  Socket::TimeOut which;
  Errno late;
};
wasm::Attempt wait_or(wasm::HostCall& call, Socket& socket, const Patience& patience, Errno error);

/// Puts a new socket at the lowest free number, which the guest finds at `fd_out`.
/// What it may become shows later, so it has the rights of all.
Outcome<void> install_socket(const wasm::HostCall& call, std::shared_ptr<Socket> socket,
                             std::uint32_t fd_out);

KernelAddress kernel_address(const net::SocketAddress& address);

}  // namespace brink::wasi
