#include "ipc/channel.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "ipc/control_socket.h"

namespace brink::ipc {
namespace {

using net::Transfer;
using testing::HasSubstr;

MonotonicTime soon() { return SystemClock().now() + std::chrono::seconds(10); }
MonotonicTime at_once() { return SystemClock().now(); }

class Channels : public testing::Test {
 protected:
  void send_raw(std::string_view text, std::span<const int> fds = {}) {
    ASSERT_EQ(net::send_with_fds(a_.fd(), std::as_bytes(std::span(text)), fds).value(),
              Transfer::done);
  }

  std::pair<Channel, Channel> ends_ = Channel::pair().value();
  Channel& a_ = ends_.first;
  Channel& b_ = ends_.second;
};

TEST_F(Channels, CarryAMessageWithItsDescriptors) {
  const UniqueFd null(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  const int fds[] = {null.get()};
  ASSERT_TRUE(a_.send(Start{"{}", {"log"}}, fds, soon()));
  const auto envelope = b_.receive(soon());
  ASSERT_TRUE(envelope) << envelope.error().text();
  EXPECT_EQ(envelope->message, Message(Start{"{}", {"log"}}));
  EXPECT_EQ(envelope->fds.size(), 1u);
}

TEST_F(Channels, CarryALongMessageAsIfItWereShort) {
  const UniqueFd null(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  const Start start{std::string(1'000'000, 'x'), std::vector<std::string>(kMaxDescriptors, "log")};
  const std::vector<int> fds(kMaxDescriptors, null.get());
  ASSERT_TRUE(a_.send(start, fds, soon()));
  const auto envelope = b_.receive(soon());
  ASSERT_TRUE(envelope) << envelope.error().text();
  EXPECT_EQ(envelope->message, Message(start));
  EXPECT_EQ(envelope->fds.size(), kMaxDescriptors);
}

TEST_F(Channels, RefuseAMessageBeyondTheLimitAtTheSender) {
  EXPECT_FALSE(a_.send(Start{std::string(kMaxMessage, 'x'), {}}, {}, soon()));
}

TEST_F(Channels, TakeALongMessageOnlyFromAFileThatCannotChange) {
  const UniqueFd memory(::memfd_create("x", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  const std::string text = encode(Ready{});
  ASSERT_EQ(::write(memory.get(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
  const int fds[] = {memory.get()};
  send_raw(R"({"kind":"in_memory"})", fds);
  EXPECT_THAT(b_.receive(soon()).error().text(), HasSubstr("sealed"));
  ASSERT_EQ(::fcntl(memory.get(), F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW), 0);
  send_raw(R"({"kind":"in_memory"})", fds);
  EXPECT_TRUE(b_.receive(soon()));
  send_raw(R"({"kind":"in_memory"})");
  EXPECT_FALSE(b_.receive(soon()));
}

TEST_F(Channels, RefuseDescriptorsThatNobodyNamed) {
  const int fds[] = {0};
  send_raw(encode(Ready{}), fds);
  EXPECT_THAT(b_.receive(soon()).error().text(), HasSubstr("expected 0 descriptors, got 1"));
  send_raw(encode(Start{"{}", {"log", "shared_page"}}), fds);
  EXPECT_THAT(b_.receive(soon()).error().text(), HasSubstr("expected 2 descriptors, got 1"));
}

TEST_F(Channels, StopWaitingAtTheDeadline) {
  EXPECT_THAT(b_.receive(at_once()).error().text(), HasSubstr("in time"));
  while (a_.try_send(Ready{}).value() == Transfer::done) {
  }
  EXPECT_THAT(a_.send(Ready{}, {}, at_once()).error().text(), HasSubstr("in time"));
}

TEST_F(Channels, TellAPlannedEndFromADeath) {
  ASSERT_TRUE(a_.send(Bye{}, {}, soon()));
  {
    const Channel gone = std::move(a_);
  }
  EXPECT_EQ(b_.receive(soon())->message, Message(Bye{}));
  EXPECT_THAT(b_.receive(soon()).error().text(), HasSubstr("closed"));
  Envelope envelope;
  EXPECT_EQ(b_.try_receive(envelope).value(), Transfer::closed);
}

class Greeting : public Channels {
 protected:
  Result<Hello> greet(const Hello& hello) {
    EXPECT_TRUE(a_.send(hello, {}, soon()));
    return accept_greeting(b_, {token_, Role::worker, 3, ::getpid()}, soon());
  }

  const BootToken token_ = BootToken::random().value();
  const Hello good_{kProtocolVersion, Role::worker, 3, ::getpid(), token_};
};

TEST_F(Greeting, LetsTheExpectedChildIn) { EXPECT_EQ(greet(good_).value(), good_); }

TEST_F(Greeting, RefusesWhatIsNotAsExpectedAndSaysWhat) {
  Hello hello = good_;
  hello.version = 99;
  EXPECT_THAT(greet(hello).error().text(), HasSubstr("protocol 99"));
  hello = good_;
  hello.token = BootToken::random().value();
  EXPECT_THAT(greet(hello).error().text(), HasSubstr("boot token"));
  EXPECT_THAT(greet(hello).error().text(), Not(HasSubstr(token_.hex())));
  hello = good_;
  hello.slot = 4;
  EXPECT_THAT(greet(hello).error().text(), HasSubstr("expected worker 3, got worker 4"));
  ASSERT_TRUE(a_.send(Ready{}, {}, soon()));
  EXPECT_THAT(accept_greeting(b_, {.token = token_, .child = std::nullopt}, soon()).error().text(),
              HasSubstr("expected a greeting"));
}

class ControlSocket : public testing::Test {
 protected:
  ControlSocket() {
    char name[] = "/tmp/brink-control-XXXXXX";
    folder_ = ::mkdtemp(name);
    path_ = folder_ + "/control";
  }
  ~ControlSocket() override { std::filesystem::remove_all(folder_); }
  std::string folder_, path_;
};

TEST_F(ControlSocket, ConnectsAChildWithTheNode) {
  const auto listener = listen_control(path_);
  ASSERT_TRUE(listener) << listener.error().text();
  struct stat info{};
  ASSERT_EQ(::stat(path_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  EXPECT_FALSE(accept_control(listener->get()).value());
  Channel child = connect_control(path_).value();
  Channel node = std::move(accept_control(listener->get()).value().value());
  ASSERT_TRUE(child.send(Ready{}, {}, soon()));
  EXPECT_EQ(node.receive(soon())->message, Message(Ready{}));
}

TEST_F(ControlSocket, IsTakenOverFromTheDeadButNotFromTheLiving) {
  {
    const auto listener = listen_control(path_).value();
    EXPECT_EQ(listen_control(path_).error().code, ErrorCode::address_in_use);
  }
  EXPECT_THAT(connect_control(path_).error().text(), HasSubstr("is brink running"));
  EXPECT_TRUE(listen_control(path_));
}

TEST_F(ControlSocket, NeverRemovesAFileThatIsNotASocket) {
  ::close(::open(path_.c_str(), O_CREAT | O_WRONLY, 0600));
  EXPECT_FALSE(listen_control(path_));
  EXPECT_TRUE(std::filesystem::exists(path_));
  EXPECT_EQ(listen_control("/tmp/" + std::string(200, 'x')).error().code, ErrorCode::usage);
}

}  // namespace
}  // namespace brink::ipc
