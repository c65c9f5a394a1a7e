#include "worker/disk_desk.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <thread>

#include "ipc/metrics.h"
#include "net/fd_passing.h"
#include "worker/disk_helper.h"
#include "worker/disk_protocol.h"
#include "worker/testing/test_worker.h"

namespace brink::worker {
namespace {

using namespace std::chrono_literals;
using wasi::Disk;
using wasi::Errno;

struct Customer final : DiskCustomer {
  void disk_answered() override { ++answers; }
  int answers = 0;
};

/// A job as the helper gets it; nothing when there is none.
std::optional<DiskRequest> take(const UniqueFd& helper) {
  DiskRequest request{};
  auto received =
      net::receive_with_fds(helper.get(), std::as_writable_bytes(std::span(&request, 1)));
  if (!received || received->transfer != net::Transfer::done) return std::nullopt;
  EXPECT_EQ(received->fds.size(), 1u);
  return request;
}

void answer(const UniqueFd& helper, Disk::Ticket ticket, int error = 0) {
  const DiskAnswer answer{ticket, error};
  ASSERT_TRUE(net::send_with_fds(helper.get(), std::as_bytes(std::span(&answer, 1)), {}));
}

class DiskDeskTest : public ::testing::Test {
 protected:
  DiskDeskTest() {
    std::array<int, 2> ends{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()), 0);
    helper_.reset(ends[1]);
    desk_.emplace(loop_, log_, UniqueFd(ends[0]));
    EXPECT_TRUE(desk_->start());
    file_.reset(::open(::testing::TempDir().c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
    EXPECT_EQ(::write(file_.get(), "content", 7), 7);
  }
  [[nodiscard]] Disk::Job job(Disk::Work work = Disk::Work::sync_all) const {
    return {work, file_.get(), 0, 7};
  }
  void turn() { loop_.turn(Duration(0)); }

  SystemClock clock_;
  net::EventLoop loop_ = net::EventLoop::create(clock_).value();
  ipc::MetricBlock block_{};
  UniqueFd null_{::open("/dev/null", O_WRONLY | O_CLOEXEC)};
  LogSink log_{null_.get(), clock_, ipc::Metrics(block_)};
  UniqueFd helper_;
  UniqueFd file_;
  std::optional<DiskDesk> desk_;
  Customer customer_;
};

TEST_F(DiskDeskTest, HasItsJobsDoneByAHelper) {
  std::thread helper([&] { do_disk_jobs(helper_.get()); });
  for (const auto work : {Disk::Work::load, Disk::Work::sync_data, Disk::Work::sync_all}) {
    const auto ticket = desk_->begin(job(work), customer_).value();
    while (std::exchange(customer_.answers, 0) == 0) loop_.turn(1s);
    EXPECT_TRUE(desk_->result(ticket)) << static_cast<int>(work);
  }
  // A pipe cannot be synced: the error is the call's.
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
  const UniqueFd first(ends[0]), second(ends[1]);
  const auto ticket = desk_->begin({Disk::Work::sync_all, first.get(), 0, 0}, customer_).value();
  while (customer_.answers == 0) loop_.turn(1s);
  EXPECT_EQ(desk_->result(ticket).error(), Errno::inval);
  desk_.reset();  // the helper ends with it
  helper.join();
}

TEST_F(DiskDeskTest, IsBoundedAndTellsWhoWaitsForRoom) {
  std::vector<Disk::Ticket> tickets;
  for (std::size_t i = 0; i < DiskDesk::kMost; ++i) {
    const auto ticket = desk_->begin(job(), customer_);
    if (!ticket) break;  // the socket may take fewer
    tickets.push_back(*ticket);
  }
  ASSERT_GT(tickets.size(), 8u);
  Customer other;
  EXPECT_EQ(desk_->begin(job(), other).error(), Errno::again);
  EXPECT_EQ(desk_->begin(job(), other).error(), Errno::again);
  EXPECT_EQ(take(helper_)->ticket, tickets[0]);
  answer(helper_, tickets[0]);
  turn();
  EXPECT_EQ(customer_.answers, 1);
  EXPECT_TRUE(desk_->result(tickets[0]));
  EXPECT_EQ(other.answers, 1);
  EXPECT_TRUE(desk_->begin(job(), other));
}

TEST_F(DiskDeskTest, ForgetsAndKeepsThePlaceUntilTheAnswerComes) {
  const auto first = desk_->begin(job(), customer_).value();
  desk_->forget(first);
  const auto second = desk_->begin(job(), customer_).value();
  EXPECT_NE(first % DiskDesk::kMost, second % DiskDesk::kMost);
  answer(helper_, first);
  answer(helper_, first);  // twice is once too often, and does no harm
  turn();
  EXPECT_EQ(customer_.answers, 0);
  EXPECT_EQ(desk_->result(second).error(), Errno::again);
  const auto third = desk_->begin(job(), customer_).value();
  EXPECT_EQ(third % DiskDesk::kMost, first % DiskDesk::kMost);
  EXPECT_EQ(desk_->result(first).error(), Errno::notsup) << "a ticket of the past";
}

TEST_F(DiskDeskTest, LetsGuestsDoItThemselvesWhenTheHelperHasDied) {
  const auto ticket = desk_->begin(job(), customer_).value();
  const auto forgotten = desk_->begin(job(), customer_).value();
  desk_->forget(forgotten);
  helper_.reset();
  turn();
  EXPECT_EQ(customer_.answers, 1);
  EXPECT_EQ(desk_->result(ticket).error(), Errno::notsup);
  EXPECT_EQ(desk_->begin(job(), customer_).error(), Errno::notsup);
}

TEST_F(DiskDeskTest, DoesNotBelieveAHelperThatTalksNonsense) {
  const auto ticket = desk_->begin(job(), customer_).value();
  ASSERT_EQ(::send(helper_.get(), "nonsense", 8, 0), 8);
  turn();
  EXPECT_EQ(desk_->result(ticket).error(), Errno::notsup);
}

TEST(DiskOfAWorker, KeepsNobodyElseWaiting) {
  UniqueFd helper;
  testing::TestWorker worker("file_tool", {.disk = &helper});
  testing::TestClient slow = worker.connect();
  slow.send("GET /?op=write&path=/tmp/new&sync=1 HTTP/1.1\r\nHost: x\r\n\r\n");
  std::optional<DiskRequest> job;
  ASSERT_TRUE(worker.turn_until([&] { return (job = take(helper)).has_value(); }));
  worker.settle();
  EXPECT_EQ(worker.gauge(ipc::Gauge::guests_running), 1);
  testing::TestClient other = worker.connect();
  other.send("GET /?op=list&path=/tmp HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(worker.await(other, "HTTP/1.1 200 "));
  slow.receive();
  EXPECT_EQ(slow.text(), "");
  answer(helper, job->ticket);
  EXPECT_TRUE(worker.await(slow, "done"));
}

TEST(DiskOfAWorker, IsForgottenByAProgramThatRanOutOfTime) {
  UniqueFd helper;
  testing::TestWorker worker("file_tool", {.disk = &helper});
  testing::TestClient client = worker.connect();
  client.send("GET /?op=write&path=/tmp/new&sync=1 HTTP/1.1\r\nHost: x\r\n\r\n");
  std::optional<DiskRequest> job;
  ASSERT_TRUE(worker.turn_until([&] { return (job = take(helper)).has_value(); }));
  worker.settle();
  worker.advance(31s);
  EXPECT_TRUE(worker.await(client, "HTTP/1.1 504 "));
  answer(helper, job->ticket);
  worker.settle();
  EXPECT_TRUE(worker.is_idle());
}

}  // namespace
}  // namespace brink::worker
