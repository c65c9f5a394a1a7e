#include "worker/connection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "worker/testing/test_worker.h"

namespace brink::worker {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using testing::TestClient;
using testing::TestWorker;
using End = TestClient::End;

std::string get(std::string_view target) {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: x\r\n\r\n";
}

constexpr std::string_view kOk = "HTTP/1.1 200 OK\r\n";

TestWorker::Options small_buffers() { return {.sending = TestWorker::Options::Sending::small}; }

TEST(Connection, AnswersOneRequestAfterTheOther) {
  TestWorker worker("hello");
  TestClient client = worker.connect();
  for (std::size_t i = 1; i <= 3; ++i) {
    client.send(get("/"));
    ASSERT_TRUE(worker.await(client, kOk, i));
  }
  EXPECT_EQ(client.end(), End::none);
  EXPECT_EQ(worker.counted(ipc::Counter::connections_accepted), 1u);
}

TEST(Connection, AnswersManyPipelinedRequestsInTheirOrder) {
  TestWorker worker("answer");
  TestClient client = worker.connect();
  std::string requests;
  for (int i = 0; i < 40; ++i) {
    requests += get("/?text=Content-Type:x%0A%0Anumber" + std::to_string(i) + ";");
  }
  client.send(requests);
  ASSERT_TRUE(worker.await(client, kOk, 40));
  worker.settle();
  client.receive();
  std::size_t at = 0;
  for (int i = 0; i < 40; ++i) {
    at = client.text().find("number" + std::to_string(i) + ";", at);
    ASSERT_NE(at, std::string::npos) << i;
  }
}

TEST(Connection, AnswersPipelinedRequestsOfAClientThatTakesLittle) {
  TestWorker worker("big_answer", small_buffers());
  TestClient client = worker.connect(TestClient::Receiving::small);
  std::string requests;
  for (int i = 0; i < 5; ++i) requests += get("/?kib=200");
  client.send(requests);
  for (int i = 0; i < 50; ++i) {
    client.receive(1000);
    worker.turn();
  }
  ASSERT_TRUE(worker.await(client, kOk, 5));
}

TEST(Connection, AnswersAClientThatHasOnlyHalfClosed) {
  TestWorker worker("hello");
  TestClient client = worker.connect();
  client.send(get("/1") + get("/2"));
  client.finish_sending();
  ASSERT_TRUE(worker.await_end(client));
  EXPECT_EQ(client.count(kOk), 2u);
  EXPECT_EQ(client.end(), End::orderly);
}

TEST(Connection, ServesNothingThatFollowsARequestToClose) {
  TestWorker worker("big_answer", small_buffers());
  TestClient client = worker.connect(TestClient::Receiving::small);
  client.send("GET /?kib=600 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" + get("/?kib=1"));
  worker.settle();
  ASSERT_TRUE(worker.await_end(client));
  EXPECT_EQ(client.count(kOk), 1u);
  EXPECT_GT(client.text().size(), 600u << 10);
  EXPECT_EQ(client.end(), End::orderly);
}

TEST(Connection, RefusesABadRequestOnceHoweverSlowTheClient) {
  TestWorker worker("big_answer", small_buffers());
  TestClient client = worker.connect(TestClient::Receiving::small);
  client.send(get("/?kib=300") + "nonsense\r\n\r\n");
  worker.settle();
  for (int i = 0; i < 20; ++i) {
    client.receive(3000);
    worker.turn();
  }
  ASSERT_TRUE(worker.await_end(client));
  EXPECT_EQ(client.count("HTTP/1.1 400 "), 1u);
}

TEST(Connection, GivesTheWholeAnswerToAClientThatHalfClosesWhileItReads) {
  TestWorker worker("big_answer");
  TestClient client = worker.connect(TestClient::Receiving::small);
  client.send("GET /?kib=200 HTTP/1.0\r\nHost: x\r\n\r\n");
  worker.settle();  // the answer is with the kernel, and the server waits for the end
  client.finish_sending();
  worker.settle();
  ASSERT_TRUE(worker.await_end(client));
  EXPECT_GT(client.text().size(), 200u << 10);
  EXPECT_EQ(client.end(), End::orderly);
  EXPECT_EQ(worker.server().open(), 0u);
}

TEST(Connection, WaitsForInputWithoutTurningInCirclesWhileTheClientTakesNothing) {
  TestWorker worker("echo", small_buffers());
  TestClient client = worker.connect(TestClient::Receiving::small);
  const std::string body(120 << 10, 'b');
  client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 122881\r\n\r\n");
  std::string_view left = body;
  for (int i = 0; i < 100 && !left.empty(); ++i) {
    left = client.send(left);
    worker.turn();
  }
  worker.settle();
  ASSERT_TRUE(worker.turn_until([&] {
    left = client.send(left);
    client.receive();
    return left.empty();
  }));
  client.send("e");
  ASSERT_TRUE(worker.turn_until([&] {
    client.receive();
    return client.text().ends_with("e\r\n0\r\n\r\n") || client.text().ends_with("be");
  })) << client.text().size();
}

TEST(Connection, EndsTheProgramWhenTheClientResets) {
  TestWorker worker("slow_output");
  TestClient client = worker.connect();
  client.send(get("/?ms=1000"));
  ASSERT_TRUE(worker.await(client, "step 0"));
  EXPECT_EQ(worker.gauge(ipc::Gauge::guests_running), 1);
  client.reset();
  worker.settle();
  EXPECT_TRUE(worker.is_idle());
  EXPECT_EQ(worker.server().open(), 0u);
  EXPECT_THAT(worker.log(), HasSubstr("client_gone"));
}

TEST(Connection, GivesAHeadTenSecondsInAll) {
  TestWorker worker("hello");
  TestClient client = worker.connect();
  client.send("GET / HTTP/1.1\r\n");
  worker.settle();
  worker.advance(6s);
  client.send("Host: x\r\n");
  worker.advance(5s);
  ASSERT_TRUE(worker.await_end(client) || client.has("408"));
  EXPECT_THAT(client.text(), StartsWith("HTTP/1.1 408 "));
}

TEST(Connection, GivesEveryHeadTheWholeTime) {
  TestWorker worker("hello");
  TestClient client = worker.connect();
  client.send("GET /");
  worker.settle();
  worker.advance(8s);
  client.send(" HTTP/1.1\r\nHost: x\r\n\r\nGET /");
  ASSERT_TRUE(worker.await(client, kOk, 1));
  worker.advance(8s);
  client.send(" HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(worker.await(client, kOk, 2)) << client.text();
}

TEST(Connection, ClosesSilentlyWhenNothingComes) {
  TestWorker worker("hello");
  TestClient fresh = worker.connect();
  TestClient used = worker.connect();
  used.send(get("/"));
  ASSERT_TRUE(worker.await(used, kOk));
  used.clear();
  worker.advance(11s);
  ASSERT_TRUE(worker.await_end(fresh));
  EXPECT_EQ(fresh.text(), "");
  EXPECT_EQ(worker.server().open(), 1u);
  worker.advance(65s);
  ASSERT_TRUE(worker.await_end(used));
  EXPECT_EQ(used.text(), "");
}

TEST(Connection, EndsARequestWhoseBodyStalls) {
  TestWorker worker("echo");
  TestClient client = worker.connect();
  client.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
  worker.settle();
  worker.advance(20s);
  client.send("3\r\ndef\r\n");
  worker.advance(11s);
  worker.advance(18s);
  EXPECT_EQ(client.text(), "");
  worker.advance(20s);
  ASSERT_TRUE(worker.await(client, "HTTP/1.1 408 "));
  ASSERT_TRUE(worker.turn_until([&] { return worker.is_idle(); }));
}

TEST(Connection, WaitsForABodyThatComesSlowly) {
  TestWorker::Options options = small_buffers();
  options.limits.wall_time = 200s;
  TestWorker worker("answer_first", options);
  TestClient client = worker.connect();
  client.send("POST /?read=1 HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nab");
  ASSERT_TRUE(worker.await(client, "answered first"));
  worker.advance(29s);
  client.send("c");
  worker.advance(29s);
  EXPECT_EQ(client.end(), End::none);
  client.send("d");
  EXPECT_TRUE(worker.await(client, " bytes read"));
}

TEST(Connection, CutsAClientThatTakesNothingForHalfAMinute) {
  TestWorker::Options options = small_buffers();
  options.limits.wall_time = 1h;
  TestWorker worker("big_answer", options);
  TestClient client = worker.connect(TestClient::Receiving::small);
  client.send(get("/?kib=4096"));
  worker.settle();
  for (int i = 0; i < 4; ++i) {
    worker.advance(20s);
    const std::size_t enough = client.text().size() + 100'000;
    ASSERT_TRUE(worker.turn_until([&] {
      client.receive(20000);
      return client.text().size() >= enough;
    }));
  }
  EXPECT_EQ(worker.server().open(), 1u) << "slow, but not standing still";
  worker.advance(31s);
  worker.advance(31s);
  EXPECT_EQ(worker.server().open(), 0u);
  EXPECT_TRUE(worker.is_idle());
}

TEST(Connection, LingersAfterARefusalForTwoSecondsAtMost) {
  TestWorker worker("hello");
  TestClient client = worker.connect();
  client.send("nonsense\r\n\r\n");
  ASSERT_TRUE(worker.await(client, "HTTP/1.1 400 "));
  ASSERT_TRUE(worker.await_end(client));
  EXPECT_EQ(worker.server().open(), 1u);
  client.send("more nonsense");
  worker.settle();
  EXPECT_EQ(worker.server().open(), 1u);
  worker.advance(3s);
  EXPECT_EQ(worker.server().open(), 0u);
}

}  // namespace
}  // namespace brink::worker
