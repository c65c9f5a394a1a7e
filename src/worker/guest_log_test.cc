#include "worker/guest_log.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>

#include "ipc/shared_page.h"

namespace brink::worker {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

class GuestLogTest : public testing::Test {
 protected:
  GuestLogTest() {
    std::array<int, 2> ends{};
    EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK), 0);
    read_end.reset(ends[0]);
    write_end.reset(ends[1]);
    ::fcntl(write_end.get(), F_SETPIPE_SZ, 1 << 20);
    sink.emplace(write_end.get(), clock, ipc::Metrics(page.metrics(0)));
    log.emplace(*sink);
    log->begin("app", "id");
  }

  void write(std::string_view text) {
    const std::array buffers = {std::as_bytes(std::span(text))};
    EXPECT_EQ(log->try_write(buffers), text.size());
  }
  std::string logged() {
    std::string out;
    std::array<char, 65536> piece;
    for (;;) {
      sink->flush();
      const ssize_t got = ::read(read_end.get(), piece.data(), piece.size());
      if (got <= 0) return out;
      out.append(piece.data(), static_cast<std::size_t>(got));
    }
  }

  ManualClock clock;
  ipc::SharedPage page = ipc::SharedPage::create({1, 1, 1}).value();
  UniqueFd read_end, write_end;
  std::optional<LogSink> sink;
  std::optional<GuestLog> log;
};

TEST_F(GuestLogTest, MakesALineOfEveryLine) {
  write("one\ntw");
  write("o\nthree");
  std::string text = logged();
  EXPECT_THAT(text, HasSubstr(R"("app":"app","request_id":"id","line":"one"})"));
  EXPECT_THAT(text, HasSubstr(R"("line":"two"})"));
  EXPECT_THAT(text, Not(HasSubstr("three")));
  log->finish();
  EXPECT_THAT(logged(), HasSubstr(R"("line":"three"})"));
  log->finish();
  EXPECT_EQ(logged(), "");
}

TEST_F(GuestLogTest, CutsALongLineAndGoesOnWithTheNext) {
  write(std::string(3000, 'a'));
  write(std::string(3000, 'b') + "\nnext\n");
  const std::string text = logged();
  EXPECT_THAT(text, HasSubstr("\"" + std::string(3000, 'a') + std::string(1096, 'b') + "\""));
  EXPECT_THAT(text, HasSubstr(R"("line":"next"})"));
}

TEST_F(GuestLogTest, SaysOnceThatItSwallowsTheRest) {
  const std::string line = std::string(1000, 'x') + "\n";
  for (std::size_t i = 0; i < GuestLog::kMost / line.size() + 10; ++i) {
    write(line);
    if (i % 100 == 0) logged();
  }
  const std::string text = logged();
  EXPECT_THAT(text, HasSubstr("is not logged"));
  write(line);
  EXPECT_EQ(logged(), "");
  log->begin("app", "other");
  write("again\n");
  EXPECT_THAT(logged(), HasSubstr("again"));
}

TEST_F(GuestLogTest, KeepsTheLastBytesForThePage) {
  for (int i = 0; i < 1000; ++i) write("line " + std::to_string(i) + "\n");
  EXPECT_THAT(std::string(log->tail()), EndsWith("line 998\nline 999\n"));
  EXPECT_LE(log->tail().size(), 4096u);
}

}  // namespace
}  // namespace brink::worker
