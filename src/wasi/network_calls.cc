#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <vector>

#include "wasi/calls.h"
#include "wasi/files/file_space.h"
#include "wasi/resolver.h"
#include "wasi/socket_lookup.h"

namespace brink::wasi::calls {
namespace {

/// WASIX's addr_ip: 18 bytes.
struct GuestIp {
  std::uint8_t tag;  ///< 1 IPv4, 2 IPv6
  std::uint8_t pad;
  std::uint8_t address[16];
};
static_assert(sizeof(GuestIp) == 18 && offsetof(GuestIp, address) == 2);

/// WASIX's addr_cidr: the prefix's length stands behind the address.
struct GuestCidr {
  std::uint8_t tag;
  std::uint8_t pad;
  std::uint8_t bytes[26];
};
static_assert(sizeof(GuestCidr) == 28);

// RFC 1035, section 2.3.4, without the final dot.
constexpr u32 kMaxName = 253;

GuestIp guest_ip(const net::SocketAddress& address) {
  GuestIp guest{};
  const auto* const bytes = reinterpret_cast<const std::byte*>(address.data());
  if (address.family() == AF_INET) {
    guest.tag = 1;
    std::memcpy(guest.address, bytes + offsetof(sockaddr_in, sin_addr), 4);
  } else {
    guest.tag = 2;
    std::memcpy(guest.address, bytes + offsetof(sockaddr_in6, sin6_addr), 16);
  }
  return guest;
}

/// An address that is written as one.
std::optional<net::SocketAddress> numeric(const std::string& name) {
  const std::string text = name.contains(':') ? "[" + name + "]:0" : name + ":0";
  if (name.empty() || name.contains('%') || name.contains('[')) return std::nullopt;
  auto address = net::parse_socket_address(text);
  if (!address) return std::nullopt;
  return *address;
}

/// A small file of the guest's, empty when it has none.
std::string read_guest_file(const Process& process, std::string_view path) {
  constexpr std::size_t kMost = std::size_t{64} << 10;
  if (process.files() == nullptr || process.files()->tree().preopens().empty()) return {};
  const files::Directory root = process.files()->preopen(0);
  auto opened = process.files()->open(root, path, {.read = true});
  if (!opened) return {};
  auto* const file = std::get_if<files::OpenFile>(&*opened);
  if (file == nullptr) return {};
  std::string text(kMost, '\0');
  const ssize_t got = ::pread(file->descriptor(), text.data(), text.size(), 0);
  text.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
  return text;
}

/// The guest's configuration, without the servers that it may not reach: those that
/// it is given always answer, others only within its rules.
ResolverConfig configuration(const Process& process) {
  const Network& network = *process.network();
  const auto given = network.name_servers();
  ResolverConfig config = parse_resolv_conf(read_guest_file(process, "etc/resolv.conf"));
  std::erase_if(config.servers, [&](const net::SocketAddress& server) {
    return std::ranges::find(given, server) == given.end() &&
           !network.may_reach(Transport::datagram, server);
  });
  if (config.servers.empty()) config.servers.assign(given.begin(), given.end());
  return config;
}

bool is_localhost(std::string_view name) {
  // RFC 6761, section 6.3: never asked of a server.
  return name == "localhost" || name.ends_with(".localhost");
}

/// What needs no server: addresses, the hosts file, the local machine.
std::vector<net::SocketAddress> find_here(const Process& process, const std::string& name) {
  if (const auto address = numeric(name)) return {*address};
  auto found = find_in_hosts(read_guest_file(process, "etc/hosts"), name);
  if (found.empty() && is_localhost(name)) found = {*numeric("127.0.0.1"), *numeric("::1")};
  return found;
}

Attempt answer(const HostCall& call, std::span<const net::SocketAddress> found, u32 addresses,
               u32 room, u32 count_out) {
  const std::size_t count = std::min<std::size_t>(found.size(), room);
  for (std::size_t i = 0; i < count; ++i) {
    const auto at = static_cast<u32>(addresses + i * sizeof(GuestIp));
    if (const auto stored = store(call, at, guest_ip(found[i])); !stored) return done(stored);
  }
  return done(store(call, count_out, static_cast<u32>(count)));
}

}  // namespace

Attempt resolve(HostCall& call, u32 name, u32 length, u32 port, u32 addresses, u32 room,
                u32 count_out) {
  (void)port;  // the answer has none
  Process& process = Process::of(call);
  const auto space = expect_room(call, addresses, u64{room} * sizeof(GuestIp));
  if (!space) return done(space.error());
  if (const auto counter = expect_room(call, count_out, sizeof(u32)); !counter) {
    return done(counter.error());
  }
  if (call.attempt == 0) {
    auto copied = copy_string(call, name, length, kMaxName + 1);
    if (!copied) return done(copied.error());
    if (copied->ends_with('.')) copied->pop_back();
    if (copied->empty() || copied->contains('\0')) return done(Errno::inval);
    if (const auto here = find_here(process, *copied); !here.empty()) {
      return answer(call, here, addresses, room, count_out);
    }
    if (process.network() == nullptr) return done(Errno::noent);
    const ResolverConfig config = configuration(process);
    if (config.servers.empty()) return done(Errno::noent);
    const auto number = process.resolver().start(*copied, config);
    if (!number) return done(number.error());
    call.progress = *number;
  }
  const auto found = process.resolver().go_on(call.progress, process.clock(), call.wait);
  if (!found) return found.error() == Errno::again ? Attempt::again() : done(found.error());
  if (found->empty()) return done(Errno::noent);
  return answer(call, *found, addresses, room, count_out);
}

Outcome<void> port_addr_list(HostCall& call, u32 addresses, u32 count_inout) {
  // 127.0.0.1/8 and ::1/128.
  GuestCidr v4{.tag = 1, .pad = 0, .bytes = {127, 0, 0, 1, 8}};
  GuestCidr v6{.tag = 2, .pad = 0, .bytes = {}};
  v6.bytes[15] = 1;
  v6.bytes[24] = 128;
  const std::array list = {v4, v6};
  TRY(const u32 room, load<u32>(call, count_inout));
  TRY_VOID(store(call, count_inout, static_cast<u32>(list.size())));
  if (room < list.size()) return failed(Errno::overflow);
  return store(call, addresses, list);
}

}  // namespace brink::wasi::calls
