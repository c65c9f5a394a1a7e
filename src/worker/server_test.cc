#include "worker/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/no_descriptors_test_util.h"
#include "worker/testing/test_worker.h"

namespace brink::worker {
namespace {

using namespace std::chrono_literals;
using testing::TestClient;
using testing::TestWorker;
using Successor = ipc::Drain::Successor;
using End = TestClient::End;

constexpr std::string_view kGet = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
constexpr std::string_view kPost =
    "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nX: y\r\n\r\n";
constexpr std::string_view kOk = "HTTP/1.1 200 OK\r\n";

TEST(Server, LeavesConnectionsBeyondItsLimitInTheKernelsQueue) {
  TestWorker::Options options;
  options.most_connections = 2;
  TestWorker worker("hello", options);
  TestClient first = worker.connect();
  TestClient second = worker.connect();
  worker.settle();
  TestClient third = worker.connect();
  third.send(kGet);
  worker.settle();
  EXPECT_EQ(worker.server().open(), 2u);
  third.receive();
  EXPECT_EQ(third.text(), "");
  first.close();
  EXPECT_TRUE(worker.await(third, kOk));
}

TEST(Server, RestsWhileThereIsNoDescriptorForAConnection) {
  TestWorker worker("hello");
  TestClient client = worker.connect();
  client.send(kGet);
  {
    const net::NoDescriptors none;
    for (int i = 0; i < 20; ++i) worker.turn();
    EXPECT_EQ(worker.counted(ipc::Counter::accept_pauses), 1u) << "no other event, no other try";
    worker.advance(Server::kPause + 100ms);
    EXPECT_EQ(worker.counted(ipc::Counter::accept_pauses), 2u);
  }
  worker.advance(Server::kPause + 100ms);
  EXPECT_TRUE(worker.await(client, kOk));
  EXPECT_EQ(worker.counted(ipc::Counter::accept_pauses), 2u);
  const std::string log = worker.log();
  const auto at = log.find("accept_paused");
  ASSERT_NE(at, std::string::npos) << log;
  EXPECT_EQ(log.find("accept_paused", at + 1), std::string::npos) << "said once";
}

TEST(Server, DrainsWhileItRests) {
  TestWorker worker("hello");
  TestClient client = worker.connect();
  {
    const net::NoDescriptors none;
    worker.settle();
    worker.server().drain(Successor::serves);
  }
  worker.advance(1s);
  EXPECT_EQ(worker.server().open(), 0u);
}

TEST(Server, DrainsIdleConnectionsAtOnce) {
  TestWorker worker("hello");
  TestClient fresh = worker.connect();
  TestClient used = worker.connect();
  used.send(kGet);
  ASSERT_TRUE(worker.await(used, kOk));
  worker.server().drain(Successor::none);
  ASSERT_TRUE(worker.await_end(fresh));
  ASSERT_TRUE(worker.await_end(used));
  EXPECT_EQ(used.end(), End::orderly);
}

TEST(Server, AnswersWhatIsInFlightAndThenClosesTheConnection) {
  TestWorker worker("echo");
  TestClient client = worker.connect();
  client.send(kPost);
  worker.settle();
  ASSERT_EQ(worker.gauge(ipc::Gauge::guests_running), 1);
  worker.server().drain(Successor::none);
  worker.settle();
  client.send("z");
  ASSERT_TRUE(worker.await_end(client));
  EXPECT_EQ(client.count(kOk), 1u);
  EXPECT_THAT(client.text(), ::testing::HasSubstr("z"));
  EXPECT_EQ(client.end(), End::orderly);
}

TEST(Server, ClosesADrainedConnectionOnceItsAnswerIsTaken) {
  TestWorker worker("big_answer", {.sending = TestWorker::Options::Sending::small});
  TestClient client = worker.connect(TestClient::Receiving::small);
  client.send("GET /?kib=200 HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_TRUE(worker.turn_until([&] { return worker.is_idle() && worker.server().open() == 1; }));
  worker.settle();
  worker.server().drain(Successor::none);
  ASSERT_TRUE(worker.await_end(client));
  EXPECT_GT(client.text().size(), 200u << 10);
  EXPECT_EQ(client.end(), End::orderly);
}

TEST(Server, ServesWhatWasQueuedBeforeItDrained) {
  TestWorker worker("hello", {.listeners = 2});
  TestClient client = worker.connect();
  client.send(kGet);
  worker.server().drain(Successor::none);
  ASSERT_TRUE(worker.await_end(client));
  EXPECT_EQ(client.count(kOk), 1u);
  EXPECT_THAT(client.text(), ::testing::HasSubstr("Connection: close\r\n"));
}

TEST(Server, DrainsAtItsLimitOfConnectionsWithSeveralListeners) {
  TestWorker worker("hello", {.most_connections = 1, .listeners = 3});
  std::vector<TestClient> clients;
  for (int i = 0; i < 12; ++i) clients.push_back(worker.connect());
  worker.server().drain(Successor::none);
  worker.advance(3s);  // none of them closes its own side
  EXPECT_EQ(worker.server().open(), 0u);
}

TEST(Server, LetsIdleConnectionsLiveOnWhileASuccessorServes) {
  TestWorker worker("hello");
  TestClient client = worker.connect();
  client.send(kGet);
  ASSERT_TRUE(worker.await(client, kOk));
  worker.server().drain(Successor::serves);
  worker.settle();
  EXPECT_EQ(worker.server().open(), 1u);
  client.send(kGet);
  ASSERT_TRUE(worker.await_end(client));
  EXPECT_EQ(client.count(kOk), 2u);
  EXPECT_EQ(client.count("Connection: close"), 1u);
}

TEST(Server, AbortsWhatDoesNotEnd) {
  TestWorker worker("spin");
  TestClient idle = worker.connect();
  TestClient client = worker.connect();
  client.send(kGet);
  ASSERT_TRUE(worker.turn_until([&] { return worker.gauge(ipc::Gauge::guests_running) == 1; }));
  worker.server().drain(Successor::serves);
  worker.turn();
  EXPECT_EQ(worker.server().open(), 2u);
  EXPECT_EQ(worker.server().abort_all(), 1u) << "the other one had no request";
  EXPECT_TRUE(worker.is_idle());
}

TEST(Server, AbortsRunningAndQueuedRequestsTogether) {
  TestWorker::Options options;
  options.permits = 1;
  TestWorker worker("slow_output", options);
  std::vector<TestClient> clients;
  for (int i = 0; i < 6; ++i) {
    clients.push_back(worker.connect());
    clients.back().send(kGet);
  }
  ASSERT_TRUE(worker.turn_until([&] { return worker.gauge(ipc::Gauge::requests_queued) == 5; }));
  worker.server().abort_all();
  EXPECT_EQ(worker.server().open(), 0u);
  EXPECT_TRUE(worker.is_idle());
}

}  // namespace
}  // namespace brink::worker
