#include "wasi/resolver.h"

#include <ares.h>
#include <arpa/inet.h>
#include <netdb.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstring>
#include <optional>
#include <utility>

namespace brink::wasi {

/// One name's channel: isolated, so that a look-up ends with its call.
struct Resolver::Lookup {
  ares_channel channel = nullptr;
  std::optional<int> status;  ///< once the answer has come
  std::vector<net::SocketAddress> found;

  Lookup() = default;
  Lookup(const Lookup&) = delete;
  Lookup& operator=(const Lookup&) = delete;
  ~Lookup() {
    if (channel != nullptr) ::ares_destroy(channel);  // ends with a last call of answered()
  }

  static void answered(void* argument, int status, int /*timeouts*/, ares_addrinfo* result) {
    auto& lookup = *static_cast<Lookup*>(argument);
    lookup.status = status;
    if (result == nullptr) return;
    for (const ares_addrinfo_node* node = result->nodes; node != nullptr; node = node->ai_next) {
      sockaddr_storage address{};
      std::memcpy(&address, node->ai_addr, std::min<std::size_t>(node->ai_addrlen, sizeof address));
      if (auto inet = net::SocketAddress::from(address, node->ai_addrlen)) {
        lookup.found.push_back(*inet);
      }
    }
    ::ares_freeaddrinfo(result);
  }

  bool open(const ResolverConfig& config);
  void process_sockets();
};

namespace {

constexpr std::uint16_t kDnsPort = 53;
constexpr std::string_view kBlanks = " \t\r\v\f";

/// The words of a line, without its comment.
std::vector<std::string_view> words_of(std::string_view line) {
  line = line.substr(0, line.find_first_of("#;"));
  std::vector<std::string_view> words;
  while (true) {
    const std::size_t start = line.find_first_not_of(kBlanks);
    if (start == std::string_view::npos) return words;
    line.remove_prefix(start);
    const std::size_t end = std::min(line.find_first_of(kBlanks), line.size());
    words.push_back(line.substr(0, end));
    line.remove_prefix(end);
  }
}

template <class Use>
void for_each_line(std::string_view text, Use use) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    use(words_of(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

std::optional<net::SocketAddress> numeric(std::string_view text, std::uint16_t port) {
  const std::string host(text);
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  v4.sin_port = htons(port);
  if (::inet_pton(AF_INET, host.c_str(), &v4.sin_addr) == 1) return net::SocketAddress(v4);
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(port);
  if (::inet_pton(AF_INET6, host.c_str(), &v6.sin6_addr) == 1) return net::SocketAddress(v6);
  return std::nullopt;
}

bool same_name(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

Errno errno_of(int status) {
  switch (status) {
    case ARES_ENODATA:
    case ARES_ENOTFOUND:
    case ARES_EBADNAME:
      return Errno::noent;
    case ARES_ETIMEOUT:
      return Errno::timedout;
    case ARES_ENOMEM:
      return Errno::nomem;
    default:
      return Errno::io;
  }
}

}  // namespace

ResolverConfig parse_resolv_conf(std::string_view text) {
  constexpr std::size_t kMostServers = 3;  // as resolv.conf(5) says
  constexpr std::size_t kMostDomains = 6;
  constexpr int kMostDots = 15;
  ResolverConfig config;
  for_each_line(text, [&](const std::vector<std::string_view>& words) {
    if (words.size() < 2) return;
    if (words[0] == "nameserver" && config.servers.size() < kMostServers) {
      if (const auto server = numeric(words[1], kDnsPort)) config.servers.push_back(*server);
    } else if (words[0] == "search" || words[0] == "domain") {
      config.search.clear();
      for (std::size_t i = 1; i < words.size() && i <= kMostDomains; ++i) {
        config.search.emplace_back(words[i]);
      }
    } else if (words[0] == "options") {
      for (const std::string_view option : words) {
        if (!option.starts_with("ndots:")) continue;
        int dots = 1;
        std::from_chars(option.data() + 6, option.data() + option.size(), dots);
        config.ndots = std::clamp(dots, 0, kMostDots);
      }
    }
  });
  return config;
}

std::vector<net::SocketAddress> find_in_hosts(std::string_view text, std::string_view name) {
  constexpr std::size_t kMostFound = 64;
  std::vector<net::SocketAddress> found;
  for_each_line(text, [&](const std::vector<std::string_view>& words) {
    if (words.size() < 2 || found.size() >= kMostFound) return;
    const auto named = [&](std::string_view word) { return same_name(word, name); };
    if (std::none_of(words.begin() + 1, words.end(), named)) return;
    if (const auto address = numeric(words[0], 0)) found.push_back(*address);
  });
  return found;
}

bool Resolver::Lookup::open(const ResolverConfig& config) {
  // All is set here, for the host's files must not count.
  ares_options options{};
  char lookups[] = "b";  // DNS only
  char no_file[] = "/nonexistent";
  std::vector<char*> domains;
  for (const std::string& domain : config.search) {
    domains.push_back(const_cast<char*>(domain.c_str()));  // copied, never changed
  }
  options.flags = ARES_FLAG_NOALIASES;
  options.timeout = 2'000;  // milliseconds, doubled with every try
  options.tries = 2;
  options.ndots = config.ndots;
  options.domains = domains.data();
  options.ndomains = static_cast<int>(domains.size());
  options.lookups = lookups;
  options.resolvconf_path = no_file;
  const int mask = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_NDOTS |
                   ARES_OPT_DOMAINS | ARES_OPT_LOOKUPS | ARES_OPT_RESOLVCONF;
  if (::ares_init_options(&channel, &options, mask) != ARES_SUCCESS) return false;
  std::vector<ares_addr_port_node> nodes(config.servers.size());
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const net::SocketAddress& server = config.servers[i];
    nodes[i].next = i + 1 < nodes.size() ? &nodes[i + 1] : nullptr;
    nodes[i].family = server.family();
    nodes[i].udp_port = nodes[i].tcp_port = server.port();
    const auto* const bytes = reinterpret_cast<const std::byte*>(server.data());
    if (server.family() == AF_INET) {
      std::memcpy(&nodes[i].addr.addr4, bytes + offsetof(sockaddr_in, sin_addr), sizeof(in_addr));
    } else {
      std::memcpy(&nodes[i].addr.addr6, bytes + offsetof(sockaddr_in6, sin6_addr),
                  sizeof(in6_addr));
    }
  }
  return ::ares_set_servers_ports(channel, nodes.data()) == ARES_SUCCESS;
}

void Resolver::Lookup::process_sockets() {
  std::array<ares_socket_t, ARES_GETSOCK_MAXNUM> sockets{};
  const int mask = ::ares_getsock(channel, sockets.data(), static_cast<int>(sockets.size()));
  for (unsigned i = 0; i < sockets.size() && !status; ++i) {
    short events = 0;
    if (ARES_GETSOCK_READABLE(mask, i)) events |= POLLIN;
    if (ARES_GETSOCK_WRITABLE(mask, i)) events |= POLLOUT;
    if (events == 0) continue;
    pollfd entry{.fd = sockets[i], .events = events, .revents = 0};
    if (::poll(&entry, 1, 0) <= 0) continue;
    const bool bad = (entry.revents & (POLLERR | POLLHUP)) != 0;
    const ares_socket_t none = ARES_SOCKET_BAD;
    ::ares_process_fd(channel, (entry.revents & POLLIN) != 0 || bad ? sockets[i] : none,
                      (entry.revents & POLLOUT) != 0 ? sockets[i] : none);
  }
  // Time-outs, by the kernel's clock.
  if (!status) ::ares_process_fd(channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
}

Resolver::Resolver() = default;
Resolver::~Resolver() = default;

Outcome<std::uint64_t> Resolver::start(const std::string& name, const ResolverConfig& config) {
  if (lookups_.size() >= kMost) return std::unexpected(Errno::again);
  auto lookup = std::make_unique<Lookup>();
  if (!lookup->open(config)) return std::unexpected(Errno::nomem);
  ares_addrinfo_hints hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  // Sorting would connect sockets to try them.
  hints.ai_flags = ARES_AI_NOSORT;
  ::ares_getaddrinfo(lookup->channel, name.c_str(), nullptr, &hints, &Lookup::answered,
                     lookup.get());
  lookups_.emplace(++last_, std::move(lookup));
  return last_;
}

Outcome<std::vector<net::SocketAddress>> Resolver::go_on(std::uint64_t number, const Clock& clock,
                                                         wasm::WaitSet& wait) {
  const auto found = lookups_.find(number);
  if (found == lookups_.end()) return std::unexpected(Errno::io);
  Lookup& lookup = *found->second;
  if (!lookup.status) lookup.process_sockets();
  if (lookup.status) {
    const int status = *lookup.status;
    std::vector<net::SocketAddress> addresses = std::move(lookup.found);
    lookups_.erase(found);
    if (status != ARES_SUCCESS) return std::unexpected(errno_of(status));
    return addresses;
  }
  std::array<ares_socket_t, ARES_GETSOCK_MAXNUM> sockets{};
  const int mask = ::ares_getsock(lookup.channel, sockets.data(), static_cast<int>(sockets.size()));
  for (unsigned i = 0; i < sockets.size(); ++i) {
    if (ARES_GETSOCK_READABLE(mask, i)) wait.on_fd(sockets[i], POLLIN);
    if (ARES_GETSOCK_WRITABLE(mask, i)) wait.on_fd(sockets[i], POLLOUT);
  }
  timeval longest{.tv_sec = 2, .tv_usec = 0};
  timeval next{};
  const timeval* const time = ::ares_timeout(lookup.channel, &longest, &next);
  wait.until(clock.now() + std::chrono::seconds(time->tv_sec) +
             std::chrono::microseconds(time->tv_usec) + std::chrono::milliseconds(1));
  return std::unexpected(Errno::again);
}

}  // namespace brink::wasi
