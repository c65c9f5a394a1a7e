#include "worker/exchange.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "worker/testing/test_worker.h"

namespace brink::worker {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
using testing::TestClient;
using testing::TestWorker;
using End = TestClient::End;

std::string get(std::string_view target) {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: x\r\n\r\n";
}

std::string chunked(std::string_view body, std::size_t step) {
  std::string out = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (std::size_t at = 0; at < body.size(); at += step) {
    const std::string_view piece = body.substr(at, step);
    char size[24];
    std::snprintf(size, sizeof(size), "%zx\r\n", piece.size());
    out.append(size).append(piece).append("\r\n");
  }
  return out.append("0\r\n\r\n");
}

void send_all(TestWorker& worker, TestClient& client, std::string_view bytes) {
  ASSERT_TRUE(worker.turn_until([&] {
    bytes = client.send(bytes);
    client.receive();
    return bytes.empty();
  }));
}

constexpr std::string_view kOk = "HTTP/1.1 200 OK\r\n";

TEST(Exchange, TellsTheLengthOfAChunkedBodyThatFitsInMemory) {
  TestWorker worker("echo");
  TestClient client = worker.connect();
  client.send(chunked("hello chunked world", 7) + get("/after"));
  ASSERT_TRUE(worker.await(client, kOk, 2)) << client.text();
  EXPECT_THAT(client.text(), HasSubstr("X-Length: 19\r\n"));
  EXPECT_THAT(client.text(), HasSubstr("hello chunked world"));
}

TEST(Exchange, KeepsALargeChunkedBodyInAFile) {
  TestWorker worker("echo");
  TestClient client = worker.connect();
  std::string body;
  for (int i = 0; body.size() < (600u << 10); ++i) body += std::to_string(i) + ",";
  send_all(worker, client, chunked(body, 5000));
  ASSERT_TRUE(worker.await(client, "\r\n0\r\n\r\n"));
  EXPECT_THAT(client.text(), HasSubstr("X-Length: " + std::to_string(body.size())));
  client.send(get("/"));
  EXPECT_TRUE(worker.await(client, kOk, 2)) << "the connection goes on";
}

TEST(Exchange, DoesNotCountTheTimeOfASlowUploadAgainstQueueOrProgram) {
  TestWorker::Options options;
  options.limits.wall_time = 5s;
  options.limits.queue_wait = 2s;
  options.permits = 1;
  TestWorker worker("echo", options);
  TestClient other = worker.connect();  // holds the only place for a while
  other.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n");
  TestClient client = worker.connect();
  client.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
  worker.settle();
  worker.advance(4s);
  client.send("0\r\n\r\n");
  worker.advance(500ms);
  EXPECT_EQ(client.text(), "");
  other.send("x");
  ASSERT_TRUE(worker.await(other, kOk));
  ASSERT_TRUE(worker.await(client, kOk)) << client.text();
}

TEST(Exchange, AsksForABodyThatTheClientHoldsBack) {
  TestWorker worker("echo");
  TestClient client = worker.connect();
  client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
  ASSERT_TRUE(worker.await(client, "HTTP/1.1 100 Continue\r\n\r\n"));
  client.send("abc");
  ASSERT_TRUE(worker.await(client, kOk));
  EXPECT_THAT(client.text(), StartsWith("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n"));
}

TEST(Exchange, AsksForAChunkedBodyThatTheClientHoldsBack) {
  TestWorker worker("echo");
  TestClient client = worker.connect();
  client.send(
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n");
  ASSERT_TRUE(worker.await(client, "HTTP/1.1 100 Continue\r\n\r\n"));
  client.send("3\r\nabc\r\n0\r\n\r\n");
  ASSERT_TRUE(worker.await(client, kOk));
}

TEST(Exchange, AsksForNothingOnceTheAnswerHasBegun) {
  TestWorker worker("answer_then_ask");
  TestClient client = worker.connect();
  client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
  ASSERT_TRUE(worker.await(client, "xxx\r\n"));
  client.send("abc");
  ASSERT_TRUE(worker.await(client, "\r\n0\r\n\r\n"));
  EXPECT_THAT(client.text(), Not(HasSubstr("100 Continue")));
}

TEST(Exchange, FollowsLocalRedirects) {
  TestWorker worker("answer");
  TestClient client = worker.connect();
  client.send(get("/a?text=Location:%20/b%3Ftext=Content-Type:x%250A%250Athere%0A%0A"));
  ASSERT_TRUE(worker.await(client, kOk)) << client.text();
  EXPECT_THAT(client.text(), HasSubstr("there"));
  EXPECT_EQ(client.count("HTTP/1.1"), 1u);
}

TEST(Exchange, EndsARedirectThatLeadsInACircle) {
  TestWorker worker("paths");
  TestClient client = worker.connect();
  client.send(get("/loop") + get("/answer"));
  ASSERT_TRUE(worker.await(client, "HTTP/1.1 502 ")) << client.text();
  ASSERT_TRUE(worker.await(client, kOk)) << client.text();
}

TEST(Exchange, RedirectsARequestWhoseBodyIsStillComing) {
  TestWorker worker("paths");
  TestClient client = worker.connect();
  const std::string body(50 << 10, 'b');
  client.send("POST /slow HTTP/1.1\r\nHost: x\r\nX-Kept: yes\r\nContent-Length: 60000\r\n\r\n");
  worker.settle();
  send_all(worker, client, body);  // the connection's buffer moves meanwhile
  worker.settle();
  worker.advance(1s);
  worker.advance(1s);
  ASSERT_TRUE(worker.await(client, kOk)) << client.text();
  EXPECT_THAT(client.text(), HasSubstr("kept: yes"));
}

TEST(Exchange, RefusesWhatTheQueueCannotHold) {
  TestWorker::Options options;
  options.limits.queue = 2;
  options.permits = 1;
  TestWorker worker("echo", options);
  std::vector<TestClient> clients;
  for (int i = 0; i < 4; ++i) {
    clients.push_back(worker.connect());
    clients.back().send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n");
    worker.settle();
  }
  ASSERT_TRUE(worker.await(clients[3], "HTTP/1.1 503 "));
  EXPECT_THAT(clients[3].text(), HasSubstr("Retry-After: "));
  EXPECT_EQ(worker.gauge(ipc::Gauge::requests_queued), 2);
  for (int i = 0; i < 3; ++i) {
    clients[i].send("x");
    EXPECT_TRUE(worker.await(clients[i], kOk)) << i;
  }
  EXPECT_EQ(worker.counted(ipc::Counter::queue_rejected), 1u);
}

TEST(Exchange, RefusesAChunkedBodyWhileOthersFillTheSpool) {
  TestWorker::Options options;
  options.limits.spool = 4_KiB;
  TestWorker worker("echo", options);
  TestClient first = worker.connect();
  const std::string body = chunked(std::string(4000, 'x'), 1000);
  first.send(std::string_view(body).substr(0, body.size() - 5));
  worker.settle();
  TestClient second = worker.connect();
  second.send(body);
  ASSERT_TRUE(worker.await(second, "HTTP/1.1 503 "));
  EXPECT_THAT(second.text(), HasSubstr("Retry-After: "));
  EXPECT_EQ(worker.counted(ipc::Counter::spool_rejected), 1u);
  first.send("0\r\n\r\n");
  EXPECT_TRUE(worker.await(first, kOk));
  worker.settle();
  TestClient third = worker.connect();
  third.send(body);
  EXPECT_TRUE(worker.await(third, kOk));
}

std::string post(std::string_view target, std::size_t length) {
  return "POST " + std::string(target) +
         " HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(length) + "\r\n\r\n";
}

TEST(Exchange, KeepsTheConnectionAfterAShortBodyThatNobodyRead) {
  for (const char* guest : {"hello", "silent"}) {
    TestWorker worker(guest);
    TestClient client = worker.connect();
    client.send(post("/", 40'000) + "x");
    ASSERT_TRUE(worker.await(client, "\r\n\r\n"));
    EXPECT_THAT(client.text(), Not(HasSubstr("Connection: close")));
    worker.settle();
    send_all(worker, client, std::string(39'999, 'x') + get("/next"));
    EXPECT_TRUE(worker.await(client, "X-Request-Id", 2)) << guest;
    worker.settle();
    EXPECT_THAT(worker.log(), HasSubstr("\"bytes_in\":40000"));
  }
}

TEST(Exchange, SaysThatItClosesBeforeALongBodyThatNobodyRead) {
  for (const char* guest : {"hello", "silent"}) {
    TestWorker worker(guest);
    TestClient client = worker.connect();
    client.send(post("/", 200'000) + "x");
    ASSERT_TRUE(worker.await_end(client));
    EXPECT_EQ(client.count("Connection: close\r\n"), 1u) << guest;
    EXPECT_EQ(client.end(), End::orderly);
  }
}

TEST(Exchange, SaysThatItClosesWhenTheClientHoldsItsBodyBack) {
  TestWorker worker("hello");
  TestClient client = worker.connect();
  client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
  ASSERT_TRUE(worker.await_end(client));
  EXPECT_EQ(client.count("Connection: close\r\n"), 1u);
}

TEST(Exchange, WaitsForAnUnreadBodyForAWhileOnly) {
  TestWorker worker("hello");
  TestClient client = worker.connect();
  client.send(post("/", 3) + "a");
  ASSERT_TRUE(worker.await(client, kOk));
  worker.settle();
  client.receive();
  EXPECT_EQ(client.end(), End::none);
  EXPECT_EQ(worker.gauge(ipc::Gauge::guests_running), 0) << "its place is free";
  worker.advance(31s);
  EXPECT_TRUE(worker.await_end(client));
  EXPECT_EQ(client.end(), End::orderly);
}

TEST(Exchange, ClosesWhenAnUnreadBodyEndsEarly) {
  TestWorker worker("hello");
  TestClient client = worker.connect();
  client.send(post("/", 3) + "a");
  ASSERT_TRUE(worker.await(client, kOk));
  client.finish_sending();
  EXPECT_TRUE(worker.await_end(client));
  EXPECT_EQ(client.count("HTTP/1.1 "), 1u);
}

TEST(Exchange, ReadsNoMoreThanALittleAfterAnAnswerThatPromisedToGoOn) {
  TestWorker worker("answer_first");
  TestClient client = worker.connect();
  client.send(post("/?read=0", 10'000'000));
  ASSERT_TRUE(worker.await(client, "answered first"));
  const std::string piece(16 << 10, 'x');
  for (int i = 0; i < 40 && client.end() == End::none; ++i) {
    client.send(piece);
    worker.settle();
    client.receive();
  }
  EXPECT_EQ(client.end(), End::orderly);
}

TEST(Exchange, GivesUpWaitingInTheQueueAfterItsTime) {
  TestWorker::Options options;
  options.limits.queue_wait = 3s;
  options.permits = 1;
  TestWorker worker("slow_output", options);
  TestClient first = worker.connect();
  first.send(get("/?ms=60000"));
  TestClient second = worker.connect();
  worker.settle();
  second.send(get("/"));
  worker.settle();
  worker.advance(4s);
  ASSERT_TRUE(worker.await(second, "HTTP/1.1 503 "));
  EXPECT_EQ(worker.gauge(ipc::Gauge::requests_queued), 0);
  EXPECT_EQ(worker.counted(ipc::Counter::queue_timed_out), 1u);
}

TEST(Exchange, LeavesTheQueueWithItsClient) {
  TestWorker::Options options;
  options.permits = 1;
  TestWorker worker("slow_output", options);
  TestClient first = worker.connect();
  first.send(get("/?ms=60000"));
  worker.settle();
  TestClient second = worker.connect();
  second.send(get("/"));
  worker.settle();
  EXPECT_EQ(worker.gauge(ipc::Gauge::requests_queued), 1);
  second.reset();
  worker.settle();
  EXPECT_EQ(worker.gauge(ipc::Gauge::requests_queued), 0);
}

TEST(Exchange, EndsAProgramAfterItsTime) {
  TestWorker::Options options;
  options.limits.wall_time = 5s;
  TestWorker worker("echo", options);
  TestClient client = worker.connect();
  client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n");
  worker.settle();
  worker.advance(6s);
  // The head was out already, so that only the connection can tell.
  ASSERT_TRUE(worker.await_end(client));
  EXPECT_THAT(worker.log(), HasSubstr("wall_time"));
  EXPECT_TRUE(worker.is_idle());
}

TEST(Exchange, EndsAProgramThatComputesForTooLong) {
  TestWorker::Options options;
  options.limits.cpu_time = 20ms;
  TestWorker worker("spin", options);
  TestClient client = worker.connect();
  client.send(get("/"));
  ASSERT_TRUE(worker.await(client, "HTTP/1.1 504 "));
  EXPECT_TRUE(worker.is_idle());
}

TEST(Exchange, ServesOthersWhileAProgramComputes) {
  TestWorker worker("paths");
  TestClient busy = worker.connect();
  busy.send(get("/spin"));
  worker.turn();
  worker.turn();
  TestClient client = worker.connect();
  client.send(get("/answer"));
  EXPECT_TRUE(worker.await(client, kOk));
  EXPECT_EQ(worker.gauge(ipc::Gauge::guests_running), 1);
}

TEST(Exchange, LeavesNothingBehindWhenAnInstanceCannotStart) {
  TestWorker::Options options;
  options.pool = 1;
  TestWorker worker("slow_output", options);
  TestClient first = worker.connect();
  first.send(get("/?ms=1000&steps=2"));
  worker.settle();
  TestClient second = worker.connect();
  second.send(get("/"));
  ASSERT_TRUE(worker.await(second, "HTTP/1.1 50")) << second.text();
  EXPECT_EQ(worker.gauge(ipc::Gauge::guests_running), 1);
  worker.advance(2s);
  worker.advance(2s);
  EXPECT_TRUE(worker.await(first, "step 1"));
}

TEST(Exchange, RunsLargeProgramsOneByOneWhenMemoryAllowsOne) {
  TestWorker::Options options;
  options.limits.memory_sum = ByteSize(32 << 20);
  TestWorker worker("memory_hog", options);
  std::vector<TestClient> clients;
  for (int i = 0; i < 3; ++i) {
    clients.push_back(worker.connect());
    clients.back().send(get("/?mib=16"));
  }
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(worker.turn_until([&] {
      worker.clock().advance(5ms);
      clients[i].receive();
      return clients[i].has("16 MiB");
    })) << i
        << clients[i].text();
  }
}

}  // namespace
}  // namespace brink::worker
