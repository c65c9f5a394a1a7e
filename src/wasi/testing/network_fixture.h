#pragma once

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "net/egress.h"
#include "wasi/host_network.h"
#include "wasi/testing/guest.h"

namespace brink::wasi::testing {

/// WASIX's addr_port, filled with a pattern to see how much of it is written.
struct AddrPort {
  std::array<std::uint8_t, 110> bytes;

  AddrPort() { bytes.fill(0xAA); }
  static AddrPort v4(std::array<std::uint8_t, 4> ip, std::uint16_t port) {
    AddrPort address;
    address.bytes[0] = 1;
    address.set_port(port);
    std::copy(ip.begin(), ip.end(), address.bytes.begin() + 4);
    return address;
  }
  static AddrPort loopback(std::uint16_t port) { return v4({127, 0, 0, 1}, port); }
  static AddrPort v6(std::array<std::uint8_t, 16> ip, std::uint16_t port) {
    AddrPort address;
    address.bytes[0] = 2;
    address.set_port(port);
    std::copy(ip.begin(), ip.end(), address.bytes.begin() + 4);
    return address;
  }
  static AddrPort local(std::string_view name) {
    AddrPort address;
    address.bytes.fill(0);
    address.bytes[0] = 3;
    std::copy(name.begin(), name.end(), address.bytes.begin() + 2);
    return address;
  }
  [[nodiscard]] std::uint16_t port() const {
    return static_cast<std::uint16_t>(bytes[2] | bytes[3] << 8);
  }
  void set_port(std::uint16_t port) {
    bytes[2] = static_cast<std::uint8_t>(port);
    bytes[3] = static_cast<std::uint8_t>(port >> 8);
  }
};
static_assert(sizeof(AddrPort) == 110);

/// A WASIX guest on the host's network, with ports of its own.
class NetworkTest : public ::testing::Test {
 protected:
  static constexpr std::uint32_t kInet = 1;
  static constexpr std::uint32_t kInet6 = 2;
  static constexpr std::uint32_t kUnix = 3;
  static constexpr std::uint32_t kStream = 1;
  static constexpr std::uint32_t kDatagram = 2;

  explicit NetworkTest(std::vector<std::string> egress = {"public"}, PortOrder order = {})
      : network_({.egress = net::EgressRules::parse(egress).value_or(net::EgressRules()),
                  .servers = &ports_,
                  .family = "test" + std::to_string(::getpid()),
                  .name_servers = {}}),
        guest_({.profile = kWasix, .network = &network_, .port_order = order}) {}

  std::uint32_t open(std::uint32_t family = kInet, std::uint32_t type = kStream) {
    EXPECT_EQ(guest_.call("sock_open", family, type, 0, out_), Errno::success);
    return guest_.at<std::uint32_t>(out_);
  }
  Errno bind(std::uint32_t fd, const AddrPort& address) {
    return guest_.call("sock_bind", fd, guest_.put_value(address));
  }
  Errno connect(std::uint32_t fd, const AddrPort& address) {
    return guest_.call("sock_connect", fd, guest_.put_value(address));
  }
  AddrPort named(std::string_view call, std::uint32_t fd) {
    const auto place = guest_.put_value(AddrPort());
    EXPECT_EQ(guest_.call(call, fd, place), Errno::success);
    return guest_.at<AddrPort>(place);
  }
  AddrPort local(std::uint32_t fd) { return named("sock_addr_local", fd); }
  AddrPort peer(std::uint32_t fd) { return named("sock_addr_peer", fd); }
  void nonblock(std::uint32_t fd) {
    EXPECT_EQ(guest_.call("fd_fdstat_set_flags", fd, fdflag::nonblock), Errno::success);
  }
  /// A listener on a free port of 127.0.0.1.
  std::uint32_t listener() {
    const std::uint32_t fd = open();
    EXPECT_EQ(bind(fd, AddrPort::loopback(0)), Errno::success);
    EXPECT_EQ(guest_.call("sock_listen", fd, ~0u), Errno::success);
    return fd;
  }
  std::uint32_t accept(std::uint32_t fd) {
    peer_ = guest_.put_value(AddrPort());
    EXPECT_EQ(guest_.call("sock_accept_v2", fd, 0, out_, peer_), Errno::success);
    return guest_.at<std::uint32_t>(out_);
  }
  Errno send_to(std::uint32_t fd, std::string_view bytes, const AddrPort& to) {
    const auto vector = guest_.iovec(guest_.put(bytes), static_cast<std::uint32_t>(bytes.size()));
    return guest_.call("sock_send_to", fd, vector, 1, 0, guest_.put_value(to), out_);
  }
  Errno receive_from(std::uint32_t fd, std::uint32_t size = 64) {
    peer_ = guest_.put_value(AddrPort());
    return guest_.call("sock_recv_from", fd, guest_.iovec(buffer_, size), 1, 0, out_, flags_,
                       peer_);
  }
  std::string received() { return guest_.text(buffer_, guest_.at<std::uint32_t>(out_)); }
  AddrPort sender() { return guest_.at<AddrPort>(peer_); }

  OwnPorts ports_;
  HostNetwork network_;
  Guest guest_;
  std::uint32_t out_ = guest_.room(8);
  std::uint32_t flags_ = guest_.room(2);
  std::uint32_t buffer_ = guest_.room(64);
  std::uint32_t peer_ = 0;
};

}  // namespace brink::wasi::testing
