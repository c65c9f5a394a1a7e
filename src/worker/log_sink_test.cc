#include "worker/log_sink.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <sstream>

#include "base/unique_fd.h"
#include "ipc/shared_page.h"

namespace brink::worker {
namespace {

class LogSinkTest : public testing::Test {
 protected:
  LogSinkTest() {
    std::array<int, 2> ends{};
    EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK), 0);
    read_end.reset(ends[0]);
    write_end.reset(ends[1]);
    sink.emplace(write_end.get(), clock, ipc::Metrics(page.metrics(0)));
  }

  /// One look of the node.
  void read() {
    std::array<char, 65536> piece;
    const ssize_t got = ::read(read_end.get(), piece.data(), piece.size());
    if (got > 0) text.append(piece.data(), static_cast<std::size_t>(got));
  }
  void read_all() {
    for (std::size_t before = text.size() + 1; before != text.size();) {
      before = text.size();
      sink->flush();
      read();
    }
  }
  std::uint64_t dropped() {
    return ipc::sum_metrics(page.all_metrics())[ipc::Counter::log_lines_dropped];
  }

  ManualClock clock;
  ipc::SharedPage page = ipc::SharedPage::create({1, 1, 1}).value();
  UniqueFd read_end, write_end;
  std::optional<LogSink> sink;
  std::string text;
};

TEST_F(LogSinkTest, WritesLinesWithTimeAndStream) {
  sink->line("access").field("status", std::uint32_t{200}).end();
  sink->flush();
  read();
  EXPECT_EQ(text,
            "{\"time\":\"2023-11-14T22:13:20.000000Z\",\"stream\":\"access\",\"status\":200}\n");
}

TEST_F(LogSinkTest, NeverBlocksAndCountsWhatItDropsWholeLinesOnly) {
  std::uint64_t written = 0;
  const std::string filler(500, 'x');
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 4000; ++i, ++written) {
      sink->line("worker").field("number", written).field("filler", filler).end();
      if (i % 50 == 0) sink->flush();
    }
    read();
    sink->flush();
  }
  read_all();
  EXPECT_GT(dropped(), 0u);
  std::istringstream lines(text);
  std::uint64_t seen = 0;
  for (std::string line; std::getline(lines, line); ++seen) {
    ASSERT_TRUE(line.starts_with("{\"time\":")) << line;
    ASSERT_TRUE(line.ends_with("x\"}")) << line;
    ASSERT_EQ(line.find("{\"time\"", 1), std::string::npos) << line;
  }
  EXPECT_EQ(seen + dropped(), written);
}

}  // namespace
}  // namespace brink::worker
