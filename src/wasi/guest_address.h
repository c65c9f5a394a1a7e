#pragma once

#include <cstdint>
#include <string>
#include <variant>

#include "net/socket_address.h"
#include "wasi/errno.h"
#include "wasm/host_call.h"

namespace brink::wasi {

/// The name of an AF_UNIX socket as the guest writes it: a path of its files, an
/// abstract name (without the NUL in front), or none.
struct UnixName {
  enum class Kind : std::uint8_t { unnamed, path, abstract } kind = Kind::unnamed;
  std::string name;
  bool operator==(const UnixName&) const = default;
};

/// No address: what takes back the peer of a datagram socket.
using NoAddress = std::monostate;

using GuestAddress = std::variant<NoAddress, net::SocketAddress, UnixName>;

/// The byte order of the ports that the guest gets; it always passes little-endian
/// ones. Wasmer's is big-endian, and programs exist that expect either.
enum class PortOrder : std::uint8_t { little_endian, big_endian };

/// What the WASIX structure addr_port holds, as far as its kind goes: structures of
/// older programs are shorter. FAULT; INVAL for an unknown kind. ::100 is read as
/// ::1, which is what Rust's standard library makes of it.
Outcome<GuestAddress> load_address(const wasm::HostCall& call, std::uint32_t address);

/// Writes no more than the kind of address needs, for the same reason: 8 bytes for
/// IPv4, 28 for IPv6, a path with its NUL, 2 for none.
Outcome<void> store_address(const wasm::HostCall& call, std::uint32_t out,
                            const GuestAddress& address, PortOrder order);

/// FAULT unless an address of the host family AF_… has its place at `out`.
Outcome<void> expect_address_room(const wasm::HostCall& call, std::uint32_t out, int family);

}  // namespace brink::wasi
