#include "ipc/channel.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <variant>

#include "ipc/spill.h"

namespace brink::ipc {
namespace {

using net::Transfer;

/// Waits until `events` or `deadline`; false at the deadline.
Result<bool> wait_for(int fd, short events, MonotonicTime deadline) {
  for (;;) {
    const Duration left = std::max(deadline - SystemClock().now(), Duration::zero());
    const auto whole = std::chrono::duration_cast<std::chrono::seconds>(left);
    const timespec timeout{whole.count(), (left - whole).count()};
    pollfd entry{fd, events, 0};
    const int ready = ::ppoll(&entry, 1, &timeout, nullptr);
    if (ready > 0) return true;
    if (ready == 0) return false;
    if (errno != EINTR) return std::unexpected(errno_error(ErrorCode::io_error, "ppoll", errno));
  }
}

Error hung_up() { return {ErrorCode::io_error, "the other process has closed the channel", {}}; }

/// As many descriptors as the message names, and no other message brings any.
Result<void> check_descriptors(const Envelope& envelope) {
  const auto* start = std::get_if<Start>(&envelope.message);
  const std::size_t expected = start != nullptr ? start->descriptors.size() : 0;
  if (envelope.fds.size() == expected) return {};
  return fail(ErrorCode::bad_request, std::string(kind(envelope.message)) + ": expected " +
                                          std::to_string(expected) + " descriptors, got " +
                                          std::to_string(envelope.fds.size()));
}

}  // namespace

Result<std::pair<Channel, Channel>> Channel::pair() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
    return std::unexpected(errno_error(ErrorCode::resource_exhausted, "socketpair", errno));
  }
  return std::pair(Channel(UniqueFd(ends[0])), Channel(UniqueFd(ends[1])));
}

Result<Transfer> Channel::try_send(const Message& message, std::span<const int> fds) {
  const std::string text = encode(message);
  if (text.size() <= kMaxPacket) {
    return net::send_with_fds(socket_.get(), std::as_bytes(std::span(text)), fds);
  }
  TRY(const Spill spill, spill_to_memory(text));
  std::vector<int> all(fds.begin(), fds.end());
  all.push_back(spill.memory.get());
  return net::send_with_fds(socket_.get(), std::as_bytes(std::span(spill.packet)), all);
}

Result<void> Channel::send(const Message& message, std::span<const int> fds,
                           MonotonicTime deadline) {
  for (;;) {
    TRY(const Transfer transfer, try_send(message, fds));
    if (transfer == Transfer::done) return {};
    if (transfer == Transfer::closed) return std::unexpected(hung_up());
    TRY(const bool ready, wait_for(socket_.get(), POLLOUT, deadline));
    if (!ready) {
      return fail(ErrorCode::io_error, "the other process did not take a message (" +
                                           std::string(kind(message)) + ") in time");
    }
  }
}

Result<Transfer> Channel::try_receive(Envelope& out) {
  std::array<std::byte, kMaxPacket> buffer;
  TRY(auto packet, net::receive_with_fds(socket_.get(), buffer));
  if (packet.transfer != Transfer::done) return packet.transfer;
  std::string_view text(reinterpret_cast<const char*>(buffer.data()), packet.size);
  std::string spilled;
  if (is_spill(text)) {
    if (packet.fds.empty()) return fail(ErrorCode::bad_request, "a long message came without text");
    TRY(spilled, read_spill(packet.fds.back().get()));
    packet.fds.pop_back();
    text = spilled;
  }
  Envelope envelope{Bye{}, std::move(packet.fds)};
  TRY(envelope.message, decode(text));
  TRY_VOID(check_descriptors(envelope));
  out = std::move(envelope);
  return Transfer::done;
}

Result<Envelope> Channel::receive(MonotonicTime deadline) {
  for (;;) {
    Envelope envelope;
    TRY(const Transfer transfer, try_receive(envelope));
    if (transfer == Transfer::done) return envelope;
    if (transfer == Transfer::closed) return std::unexpected(hung_up());
    TRY(const bool ready, wait_for(socket_.get(), POLLIN, deadline));
    if (!ready) return fail(ErrorCode::io_error, "the other process did not answer in time");
  }
}

Result<Hello> accept_greeting(Channel& channel, const ExpectedPeer& expected,
                              MonotonicTime deadline) {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (::getsockopt(channel.fd(), SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) {
    return std::unexpected(errno_error(ErrorCode::io_error, "SO_PEERCRED", errno));
  }
  const bool is_child = expected.child && *expected.child == peer.pid;
  if (!is_child && peer.uid != ::geteuid()) {
    return fail(ErrorCode::bad_request, "a process of user " + std::to_string(peer.uid) +
                                            " connected to the control socket");
  }
  TRY(Envelope envelope, channel.receive(deadline));
  const auto* hello = std::get_if<Hello>(&envelope.message);
  if (hello == nullptr) {
    return fail(ErrorCode::bad_request,
                "expected a greeting, got " + std::string(kind(envelope.message)));
  }
  if (hello->version != kProtocolVersion) {
    return fail(ErrorCode::bad_request,
                "the process speaks protocol " + std::to_string(hello->version) + ", this one " +
                    std::to_string(kProtocolVersion),
                "restart it with this version of brink");
  }
  if (hello->token != expected.token) {
    return fail(ErrorCode::bad_request, "the greeting has a wrong boot token");
  }
  if (hello->role != expected.role || hello->slot != expected.slot) {
    return fail(ErrorCode::bad_request, "expected " + std::string(to_string(expected.role)) + " " +
                                            std::to_string(expected.slot) + ", got " +
                                            std::string(to_string(hello->role)) + " " +
                                            std::to_string(hello->slot));
  }
  return *hello;
}

}  // namespace brink::ipc
