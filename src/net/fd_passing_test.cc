#include "net/fd_passing.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <array>
#include <filesystem>
#include <string_view>

namespace brink::net {
namespace {

using testing::HasSubstr;

std::span<const std::byte> bytes(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

std::size_t open_files() {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    ++count;
  }
  return count;
}

class FdPassing : public testing::Test {
 protected:
  FdPassing() {
    int ends[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
    a_.reset(ends[0]);
    b_.reset(ends[1]);
  }

  Result<ReceivedPacket> receive() { return receive_with_fds(b_.get(), buffer_); }

  UniqueFd a_, b_;
  std::array<std::byte, 64> buffer_{};
};

TEST_F(FdPassing, CarriesDescriptorsInOrderAndCloseOnExec) {
  int pipe_ends[2];
  ASSERT_EQ(::pipe(pipe_ends), 0);
  const UniqueFd read_end(pipe_ends[0]);
  const UniqueFd write_end(pipe_ends[1]);
  const int sent[] = {write_end.get(), read_end.get()};
  ASSERT_EQ(send_with_fds(a_.get(), bytes("x"), sent).value(), Transfer::done);

  const auto packet = receive();
  ASSERT_TRUE(packet) << packet.error().text();
  ASSERT_EQ(packet->fds.size(), 2u);
  EXPECT_EQ(packet->size, 1u);
  EXPECT_NE(::fcntl(packet->fds[0].get(), F_GETFD) & FD_CLOEXEC, 0);
  ASSERT_EQ(::write(packet->fds[0].get(), "y", 1), 1);
  char c = 0;
  ASSERT_EQ(::read(packet->fds[1].get(), &c, 1), 1);
  EXPECT_EQ(c, 'y');
}

TEST_F(FdPassing, ReportsAnEmptyQueueAFullOneAndAHangUp) {
  EXPECT_EQ(receive()->transfer, Transfer::would_block);
  Result<Transfer> sent = Transfer::done;
  int packets = 0;
  while ((sent = send_with_fds(a_.get(), bytes("x"), {})).value() == Transfer::done) ++packets;
  EXPECT_EQ(*sent, Transfer::would_block);
  EXPECT_GT(packets, 0);
  for (int i = 0; i < packets; ++i) ASSERT_EQ(receive()->transfer, Transfer::done);
  a_.reset();
  EXPECT_EQ(receive()->transfer, Transfer::closed);
  EXPECT_EQ(send_with_fds(b_.get(), bytes("x"), {}).value(), Transfer::closed);
}

TEST_F(FdPassing, CarriesAsManyAsAllowedAndRefusesOneMore) {
  const std::vector<int> most(kMaxPassedFds, a_.get());
  ASSERT_EQ(send_with_fds(a_.get(), bytes("x"), most).value(), Transfer::done);
  EXPECT_EQ(receive()->fds.size(), kMaxPassedFds);
  const std::vector<int> more(kMaxPassedFds + 1, a_.get());
  EXPECT_FALSE(send_with_fds(a_.get(), bytes("x"), more));
}

/// What a hostile peer does: more descriptors than we have room for.
void send_too_many(int socket) {
  constexpr std::size_t kCount = kMaxPassedFds + 10;
  alignas(cmsghdr) char control[CMSG_SPACE(kCount * sizeof(int))] = {};
  char byte = 'x';
  iovec data{&byte, 1};
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  cmsghdr* part = CMSG_FIRSTHDR(&message);
  part->cmsg_level = SOL_SOCKET;
  part->cmsg_type = SCM_RIGHTS;
  part->cmsg_len = CMSG_LEN(kCount * sizeof(int));
  auto* fds = reinterpret_cast<int*>(CMSG_DATA(part));
  std::fill_n(fds, kCount, socket);
  ASSERT_EQ(::sendmsg(socket, &message, 0), 1);
}

TEST_F(FdPassing, ClosesWhatArrivedWhenNotAllDid) {
  send_too_many(a_.get());
  const std::size_t before = open_files();
  const auto packet = receive();
  ASSERT_FALSE(packet);
  EXPECT_THAT(packet.error().text(), HasSubstr("lost"));
  EXPECT_EQ(open_files(), before);
}

TEST_F(FdPassing, TellsThatTheLimitOfOpenFilesLostADescriptor) {
  const int sent[] = {a_.get()};
  ASSERT_EQ(send_with_fds(a_.get(), bytes("x"), sent).value(), Transfer::done);
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit none{0, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  const auto packet = receive();
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  ASSERT_FALSE(packet);
  EXPECT_THAT(packet.error().remedy, HasSubstr("ulimit -n"));
}

TEST_F(FdPassing, RefusesAPacketLargerThanTheBuffer) {
  const std::string large(buffer_.size() + 1, 'x');
  const int sent[] = {a_.get()};
  ASSERT_EQ(send_with_fds(a_.get(), bytes(large), sent).value(), Transfer::done);
  const std::size_t before = open_files();
  EXPECT_FALSE(receive());
  EXPECT_EQ(open_files(), before);
}

}  // namespace
}  // namespace brink::net
