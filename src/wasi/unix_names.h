#pragma once

#include "wasi/process.h"
#include "wasi/socket.h"

namespace brink::wasi {

/// AF_UNIX names of guests. Abstract ones are their family's own; paths go through
/// the guest's files as every other path does, relative ones from its working
/// directory: through the layers, never out of them. ACCES without a network.

/// Gives `socket` a name. ADDRINUSE when there is anything already, NAMETOOLONG when
/// the last component has more than kMaxSocketName bytes, INVAL without a name; else
/// as for making a file.
Outcome<void> bind_unix(Process& process, Socket& socket, const UnixName& name);

/// The kernel has 107 bytes for the way to a new socket, and brink needs some.
inline constexpr std::size_t kMaxSocketName = 80;

/// What an existing name means to the kernel. CONNREFUSED for what is no socket,
/// DESTADDRREQ without a name; else as for opening a file.
Outcome<KernelAddress> kernel_address(Process& process, const UnixName& name);

}  // namespace brink::wasi
