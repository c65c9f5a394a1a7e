#include "app/family_channel.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <iterator>

namespace brink::app {
namespace {

constexpr std::size_t kPiece = 32 << 10;
constexpr std::byte kLast{1};
constexpr std::byte kMore{0};

void await(int fd, short events) {
  pollfd interest{fd, events, 0};
  ::poll(&interest, 1, -1);  // after a signal the attempt is simply repeated
}

std::unexpected<Error> gone() {
  return fail(ErrorCode::internal, "the other end of a family's channel is gone");
}

}  // namespace

Result<std::pair<FamilyChannel, FamilyChannel>> FamilyChannel::pair() {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data()) != 0) {
    return std::unexpected(errno_error(ErrorCode::resource_exhausted, "a channel", errno));
  }
  return std::pair(FamilyChannel(UniqueFd(ends[0])), FamilyChannel(UniqueFd(ends[1])));
}

Result<void> FamilyChannel::send(std::span<const std::byte> message, std::span<const int> fds) {
  std::vector<std::byte> packet;
  do {
    const auto bytes = message.first(std::min(message.size(), kPiece));
    const auto some = fds.first(std::min(fds.size(), net::kMaxPassedFds));
    message = message.subspan(bytes.size());
    fds = fds.subspan(some.size());
    packet.assign(1, message.empty() && fds.empty() ? kLast : kMore);
    packet.insert(packet.end(), bytes.begin(), bytes.end());
    while (true) {
      TRY(const net::Transfer transfer, net::send_with_fds(socket_.get(), packet, some));
      if (transfer == net::Transfer::done) break;
      if (transfer == net::Transfer::closed) return gone();
      await(socket_.get(), POLLOUT);
    }
  } while (!message.empty() || !fds.empty());
  return {};
}

Result<net::Transfer> FamilyChannel::try_receive(FamilyParcel& out) {
  std::array<std::byte, kPiece + 1> buffer;
  while (true) {
    TRY(net::ReceivedPacket packet, net::receive_with_fds(socket_.get(), buffer));
    if (packet.transfer != net::Transfer::done) return packet.transfer;
    const auto bytes = std::span(buffer).first(packet.size);
    partial_.bytes.insert(partial_.bytes.end(), bytes.begin() + 1, bytes.end());
    std::move(packet.fds.begin(), packet.fds.end(), std::back_inserter(partial_.fds));
    if (partial_.bytes.size() > kMostBytes || partial_.fds.size() > kMostFds) {
      return fail(ErrorCode::bad_request, "a guest process sends too large a message");
    }
    if (bytes.front() != kLast) continue;
    out = std::exchange(partial_, {});
    return net::Transfer::done;
  }
}

Result<FamilyParcel> FamilyChannel::receive() {
  FamilyParcel parcel;
  while (true) {
    TRY(const net::Transfer transfer, try_receive(parcel));
    if (transfer == net::Transfer::done) return parcel;
    if (transfer == net::Transfer::closed) return gone();
    await(socket_.get(), POLLIN);
  }
}

}  // namespace brink::app
