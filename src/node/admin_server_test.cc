#include "node/admin_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include "net/listener.h"
#include "net/no_descriptors_test_util.h"

namespace brink::node {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class AdminServerTest : public testing::Test {
 protected:
  AdminServerTest() {
    auto listeners =
        net::open_tcp_listeners(net::parse_socket_address("127.0.0.1:0").value(), 1).value();
    address = listeners.address;
    server.emplace(
        loop, std::move(listeners.sockets.front()), [] { return "metric 1\n"; },
        [this] { return healthy; });
    EXPECT_TRUE(server->start());
  }

  UniqueFd connect() {
    UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    EXPECT_EQ(::connect(socket.get(), address.data(), address.size()), 0);
    return socket;
  }
  static void send(const UniqueFd& client, std::string_view text) {
    ASSERT_EQ(::send(client.get(), text.data(), text.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(text.size()));
  }
  void turn() {
    for (int i = 0; i < 8; ++i) {
      loop.turn(Duration(0));
      server->tick();
    }
  }
  enum class End : std::uint8_t { open, closed, reset };
  /// What the client can read now, and in which state that leaves it.
  static std::pair<std::string, End> receive(const UniqueFd& client) {
    std::string text;
    for (;;) {
      std::array<char, 4096> piece;
      const ssize_t got = ::recv(client.get(), piece.data(), piece.size(), MSG_DONTWAIT);
      if (got == 0) return {text, End::closed};
      if (got < 0) return {text, errno == EAGAIN ? End::open : End::reset};
      text.append(piece.data(), static_cast<std::size_t>(got));
    }
  }
  std::string ask(std::string_view request) {
    const UniqueFd client = connect();
    send(client, request);
    turn();
    auto [text, end] = receive(client);
    EXPECT_EQ(end, End::closed) << text;
    return text;
  }

  ManualClock clock;
  net::EventLoop loop = net::EventLoop::create(clock).value();
  net::SocketAddress address;
  bool healthy = true;
  std::optional<AdminServer> server;
};

TEST_F(AdminServerTest, ShowsMetrics) {
  const std::string answer = ask("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(answer, HasSubstr("text/plain; version=0.0.4"));
  EXPECT_THAT(answer, HasSubstr("\r\n\r\nmetric 1\n"));
}

TEST_F(AdminServerTest, TellsWhetherTheWorkersServe) {
  EXPECT_THAT(ask("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"), HasSubstr("\r\n\r\nok\n"));
  healthy = false;
  EXPECT_THAT(ask("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"), StartsWith("HTTP/1.1 503 "));
}

TEST_F(AdminServerTest, AnswersHeadWithoutABody) {
  const std::string answer = ask("HEAD /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(answer, HasSubstr("Content-Length: 9\r\n"));
  EXPECT_TRUE(answer.ends_with("\r\n\r\n")) << answer;
}

TEST_F(AdminServerTest, RestsWhileThereIsNoDescriptorForAConnection) {
  const UniqueFd client = connect();
  send(client, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
  {
    const net::NoDescriptors none;
    turn();
    EXPECT_EQ(server->tick(), loop.now() + AdminServer::kPause) << "it waits for that only";
  }
  turn();
  EXPECT_EQ(receive(client).first, "") << "not before its time";
  clock.advance(AdminServer::kPause);
  turn();
  EXPECT_THAT(receive(client).first, HasSubstr("\r\n\r\nok\n"));
}

TEST_F(AdminServerTest, RefusesOtherPathsAndMethods) {
  EXPECT_THAT(ask("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), StartsWith("HTTP/1.1 404 "));
  const std::string answer = ask("POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 405 "));
  EXPECT_THAT(answer, HasSubstr("Allow: GET, HEAD\r\n"));
}

TEST_F(AdminServerTest, RefusesGarbageAndHeadsThatAreTooLarge) {
  EXPECT_THAT(ask("what?\r\n\r\n"), StartsWith("HTTP/1.1 400 "));
  const std::string large =
      "GET / HTTP/1.1\r\nHost: x\r\nX: " + std::string(12'000, 'x') + "\r\n\r\n";
  EXPECT_THAT(ask(large), StartsWith("HTTP/1.1 431 "));
}

TEST_F(AdminServerTest, InputAfterTheRequestDoesNotCostTheAnswer) {
  const UniqueFd client = connect();
  send(client, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n" + std::string(60'000, 'x'));
  turn();
  EXPECT_THAT(receive(client).first, HasSubstr("ok\n"));
}

TEST_F(AdminServerTest, ReadsARequestInPieces) {
  const UniqueFd client = connect();
  for (const char* piece : {"GET /heal", "thz HTTP/1.1\r\nHo", "st: x\r\n", "\r\n"}) {
    EXPECT_EQ(receive(client).second, End::open);
    send(client, piece);
    turn();
  }
  EXPECT_THAT(receive(client).first, HasSubstr("ok\n"));
}

TEST_F(AdminServerTest, ClosesASlowClientAtItsDeadline) {
  const UniqueFd client = connect();
  send(client, "GET /met");
  turn();
  const auto next = server->tick();
  ASSERT_TRUE(next);
  EXPECT_EQ(*next, clock.now() + AdminServer::kTime);
  clock.advance(AdminServer::kTime);
  loop.turn(Duration(0));
  // One call is enough: after it the node may sleep for long.
  EXPECT_FALSE(server->tick());
  EXPECT_NE(receive(client).second, End::open);
}

TEST_F(AdminServerTest, KeepsNoMoreThanItsNumberOfClients) {
  std::vector<UniqueFd> clients;
  for (std::size_t i = 0; i < AdminServer::kMost + 1; ++i) {
    clients.push_back(connect());
    turn();
  }
  EXPECT_EQ(receive(clients.front()).second, End::open);
  EXPECT_NE(receive(clients.back()).second, End::open);
  clients.erase(clients.begin());
  turn();
  EXPECT_THAT(ask("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"), HasSubstr("ok\n"));
}

}  // namespace
}  // namespace brink::node
