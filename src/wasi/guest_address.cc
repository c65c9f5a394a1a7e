#include "wasi/guest_address.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "wasi/call_support.h"

namespace brink::wasi {
namespace {

enum class Tag : std::uint8_t { unspec = 0, inet4 = 1, inet6 = 2, unix_ = 3 };

constexpr std::uint32_t kMaxName = 107;

/// addr_port with an IPv4 address; the structure's alignment is 2.
struct GuestInet4 {
  Tag tag;
  std::uint8_t pad;
  std::uint16_t port;
  std::uint8_t address[4];
};
static_assert(sizeof(GuestInet4) == 8);
static_assert(offsetof(GuestInet4, port) == 2 && offsetof(GuestInet4, address) == 4);

struct GuestInet6 {
  Tag tag;
  std::uint8_t pad;
  std::uint16_t port;
  std::uint8_t address[16];
  std::uint16_t flow_high;
  std::uint16_t flow_low;
  std::uint16_t scope_high;
  std::uint16_t scope_low;
};
static_assert(sizeof(GuestInet6) == 28);
static_assert(offsetof(GuestInet6, address) == 4 && offsetof(GuestInet6, flow_high) == 20);
static_assert(offsetof(GuestInet6, scope_low) == 26);

struct GuestUnix {
  Tag tag;
  std::uint8_t pad;
  char name[kMaxName + 1];
};
static_assert(sizeof(GuestUnix) == 110 && offsetof(GuestUnix, name) == 2);

std::uint16_t returned(std::uint16_t port, PortOrder order) {
  return order == PortOrder::little_endian ? port
                                           : static_cast<std::uint16_t>(port << 8 | port >> 8);
}

Outcome<GuestAddress> load_inet4(const wasm::HostCall& call, std::uint32_t address) {
  TRY(const GuestInet4 guest, load<GuestInet4>(call, address));
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  v4.sin_port = htons(guest.port);
  std::memcpy(&v4.sin_addr, guest.address, sizeof v4.sin_addr);
  return net::SocketAddress(v4);
}

Outcome<GuestAddress> load_inet6(const wasm::HostCall& call, std::uint32_t address) {
  // The oldest programs have no flow and no scope behind the address.
  constexpr std::size_t kShort = offsetof(GuestInet6, flow_high);
  const auto least = call.memory.bytes(address, kShort);
  if (!least) return failed(Errno::fault);
  GuestInet6 guest{};
  const auto whole = call.memory.bytes(address, sizeof guest);
  std::memcpy(&guest, least->data(), whole ? sizeof guest : kShort);
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(guest.port);
  std::memcpy(&v6.sin6_addr, guest.address, sizeof v6.sin6_addr);
  constexpr in6_addr kSwappedLoopback = {{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0}}};
  if (std::memcmp(&v6.sin6_addr, &kSwappedLoopback, sizeof kSwappedLoopback) == 0) {
    v6.sin6_addr = in6addr_loopback;
  }
  // Means something for these only, and may be what happens to lie there.
  if (IN6_IS_ADDR_LINKLOCAL(&v6.sin6_addr) || IN6_IS_ADDR_MULTICAST(&v6.sin6_addr)) {
    v6.sin6_scope_id = std::uint32_t{guest.scope_high} << 16 | guest.scope_low;
  }
  return net::SocketAddress(v6);
}

Outcome<GuestAddress> load_unix(const wasm::HostCall& call, std::uint32_t address) {
  TRY(const GuestUnix guest, load<GuestUnix>(call, address));
  const std::string_view room(guest.name, sizeof guest.name);
  if (room[0] == 0 && room[1] == 0) return UnixName{};
  const bool abstract = room[0] == 0;
  const std::string_view rest = room.substr(abstract ? 1 : 0);
  const std::size_t size = rest.find('\0');
  if (size == std::string_view::npos) return failed(Errno::nametoolong);
  return UnixName{abstract ? UnixName::Kind::abstract : UnixName::Kind::path,
                  std::string(rest.substr(0, size))};
}

Outcome<void> store_inet(const wasm::HostCall& call, std::uint32_t out,
                         const net::SocketAddress& address, PortOrder order) {
  const std::uint16_t port = returned(address.port(), order);
  if (address.family() == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, address.data(), sizeof v4);
    GuestInet4 guest{.tag = Tag::inet4, .pad = 0, .port = port, .address = {}};
    std::memcpy(guest.address, &v4.sin_addr, sizeof guest.address);
    return store(call, out, guest);
  }
  sockaddr_in6 v6{};
  std::memcpy(&v6, address.data(), sizeof v6);
  GuestInet6 guest{};
  guest.tag = Tag::inet6;
  guest.port = port;
  std::memcpy(guest.address, &v6.sin6_addr, sizeof guest.address);
  guest.scope_high = static_cast<std::uint16_t>(v6.sin6_scope_id >> 16);
  guest.scope_low = static_cast<std::uint16_t>(v6.sin6_scope_id);
  return store(call, out, guest);
}

Outcome<void> store_unix(const wasm::HostCall& call, std::uint32_t out, const UnixName& name) {
  const bool abstract = name.kind == UnixName::Kind::abstract;
  std::string bytes = {static_cast<char>(Tag::unix_), 0};
  if (abstract) bytes.push_back(0);
  bytes.append(std::string_view(name.name).substr(0, kMaxName - (abstract ? 1 : 0)));
  bytes.push_back(0);
  if (name.kind == UnixName::Kind::unnamed) bytes.push_back(0);  // else it looked abstract
  const auto room = call.memory.bytes(out, bytes.size());
  if (!room) return failed(Errno::fault);
  std::memcpy(room->data(), bytes.data(), bytes.size());
  return {};
}

}  // namespace

Outcome<GuestAddress> load_address(const wasm::HostCall& call, std::uint32_t address) {
  TRY(const Tag tag, load<Tag>(call, address));
  switch (tag) {
    case Tag::unspec:
      return NoAddress();
    case Tag::inet4:
      return load_inet4(call, address);
    case Tag::inet6:
      return load_inet6(call, address);
    case Tag::unix_:
      return load_unix(call, address);
  }
  return failed(Errno::inval);
}

Outcome<void> store_address(const wasm::HostCall& call, std::uint32_t out,
                            const GuestAddress& address, PortOrder order) {
  if (const auto* inet = std::get_if<net::SocketAddress>(&address)) {
    return store_inet(call, out, *inet, order);
  }
  if (const auto* name = std::get_if<UnixName>(&address)) return store_unix(call, out, *name);
  return store(call, out, std::uint16_t{0});
}

Outcome<void> expect_address_room(const wasm::HostCall& call, std::uint32_t out, int family) {
  switch (family) {
    case AF_INET:
      return expect_room(call, out, sizeof(GuestInet4));
    case AF_INET6:
      return expect_room(call, out, sizeof(GuestInet6));
    default:
      // Names of peers are told only as far as there is room for them.
      return expect_room(call, out, 4);
  }
}

}  // namespace brink::wasi
