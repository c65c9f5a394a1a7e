#include "package/listeners.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace brink::package {
namespace {

constexpr std::array<std::string_view, 3> kProtocols = {"tcp", "udp", "tls"};
constexpr std::array<std::string_view, 3> kProxyProtocols = {"off", "v1", "v2"};
constexpr IntegerRange kPorts = {1, 65'535};

Listener read_listener(MapReader& reader) {
  Listener listener;
  listener.name = reader.required_string("name");
  if (!reader.has("protocol")) reader.error("protocol", "is missing; write tcp, udp or tls");
  if (const auto index = reader.one_of("protocol", kProtocols)) {
    listener.protocol = static_cast<Listener::Protocol>(*index);
  }
  if (!reader.has("port")) reader.error("port", "is missing; write the public port");
  listener.port = static_cast<std::uint16_t>(reader.integer("port", kPorts).value_or(0));
  listener.target = static_cast<std::uint16_t>(
      reader.integer("target", kPorts).value_or(std::uint64_t{listener.port}));
  if (const auto timeout = reader.duration("idle_timeout")) listener.idle_timeout = *timeout;
  if (const auto most = reader.integer("max_connections", {1, 1'000'000})) {
    listener.max_connections = *most;
  }
  if (const auto index = reader.one_of("proxy_protocol", kProxyProtocols)) {
    listener.proxy_protocol = static_cast<Listener::ProxyProtocol>(*index);
    if (*index != 0 && listener.protocol == Listener::Protocol::udp) {
      reader.error("proxy_protocol", "is for tcp and tls, not for udp");
    }
  }
  reader.finish();
  return listener;
}

enum class Transport : std::uint8_t { tcp, udp };
Transport transport(const Listener& listener) {
  return listener.protocol == Listener::Protocol::udp ? Transport::udp : Transport::tcp;
}

}  // namespace

std::vector<Listener> read_listeners(MapReader& top) {
  std::vector<Listener> listeners;
  for (MapReader& reader : top.maps("listen")) {
    Listener listener = read_listener(reader);
    for (const Listener& other : listeners) {
      if (other.name == listener.name && !listener.name.empty()) {
        reader.error("name", fmt::format("{} stands here twice", in_quotes(listener.name)));
      }
      if (other.port == listener.port && listener.port != 0 &&
          transport(other) == transport(listener)) {
        reader.error("port",
                     fmt::format("{} is taken by {}", listener.port, in_quotes(other.name)));
      }
    }
    listeners.push_back(std::move(listener));
  }
  return listeners;
}

}  // namespace brink::package
