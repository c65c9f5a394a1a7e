#include "open_loop.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include <string_view>
#include <thread>
#include <vector>

#include "base/unique_fd.h"

namespace brink::bench {
namespace {

// Answers every request on every connection with the same bytes, until all
// clients have gone. The 50th answer is held back for `pause`.
class TinyServer {
 public:
  TinyServer(std::string_view answer, std::chrono::milliseconds pause)
      : answer_(answer), pause_(pause) {
    listener_.reset(::socket(AF_INET, SOCK_STREAM, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(::listen(listener_.get(), 64), 0);
    ::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }

  ~TinyServer() { thread_.join(); }

  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  void serve() {
    std::vector<UniqueFd> clients;
    std::vector<pollfd> watched{{listener_.get(), POLLIN, 0}};
    do {
      ::poll(watched.data(), watched.size(), 5000);
      if (watched[0].revents) {
        clients.emplace_back(::accept(listener_.get(), nullptr, nullptr));
        watched.push_back({clients.back().get(), POLLIN, 0});
      }
      for (std::size_t i = 1; i < watched.size(); ++i) answer(watched[i]);
      std::erase_if(watched, [](const pollfd& entry) { return entry.fd < 0; });
    } while (watched.size() > 1);
  }

  void answer(pollfd& entry) {
    if (!entry.revents) return;
    char request[4096];
    if (::recv(entry.fd, request, sizeof request, 0) <= 0) {
      entry.fd = -1;
      return;
    }
    // The pause is the fault that the generator has to see, not a way to wait.
    if (++served_ == 50) ::poll(nullptr, 0, static_cast<int>(pause_.count()));
    EXPECT_EQ(::send(entry.fd, answer_.data(), answer_.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(answer_.size()));
  }

  std::string_view answer_;
  std::chrono::milliseconds pause_;
  UniqueFd listener_;
  std::uint16_t port_ = 0;
  int served_ = 0;
  std::thread thread_;
};

LoadPlan plan_for(std::uint16_t port) {
  LoadPlan plan;
  plan.port = port;
  plan.rate = 500;
  plan.duration = std::chrono::seconds(1);
  plan.warmup = std::chrono::seconds(0);
  plan.connections = 4;
  return plan;
}

TEST(OpenLoop, SendsAsManyRequestsAsTheRateSays) {
  const TinyServer server("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", {});
  const auto result = run_open_loop(plan_for(server.port()));
  ASSERT_TRUE(result) << result.error().text();
  EXPECT_EQ(result->good, 500u);
  EXPECT_EQ(result->bad + result->errors + result->unsent, 0u);
}

TEST(OpenLoop, CountsAnswersThatAreNotSuccess) {
  const TinyServer server("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n", {});
  const auto result = run_open_loop(plan_for(server.port()));
  ASSERT_TRUE(result) << result.error().text();
  EXPECT_EQ(result->bad, 500u);
}

// The requests that were due while the server paused wait as well: a closed loop
// would have one or four slow answers, here it is about half of all of them.
TEST(OpenLoop, ChargesAPauseToAllRequestsThatWereDueInIt) {
  const TinyServer server("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
                          std::chrono::milliseconds(500));
  const auto result = run_open_loop(plan_for(server.port()));
  ASSERT_TRUE(result) << result.error().text();
  EXPECT_EQ(result->good, 500u);
  EXPECT_GE(result->latency.at(0.75), 100'000'000u);
  EXPECT_GE(result->latency.max(), 400'000'000u);
  EXPECT_GT(result->peak_backlog, 100u);
}

TEST(OpenLoop, SaysWhenTheServerIsNotThere) {
  LoadPlan plan = plan_for(1);
  const auto result = run_open_loop(plan);
  ASSERT_FALSE(result);
  EXPECT_NE(result.error().message.find("127.0.0.1:1"), std::string::npos);
}

TEST(OpenLoop, RefusesAPlanWithoutLoad) {
  LoadPlan plan = plan_for(1);
  plan.rate = 0;
  EXPECT_EQ(run_open_loop(plan).error().code, ErrorCode::usage);
}

}  // namespace
}  // namespace brink::bench
