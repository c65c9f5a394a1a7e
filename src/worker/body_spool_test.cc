#include "worker/body_spool.h"

#include <dirent.h>
#include <fcntl.h>
#include <gtest/gtest.h>

#include <array>

namespace brink::worker {
namespace {

std::string read_all(BodySpool& spool, std::size_t step) {
  std::string out;
  std::string piece(step, ' ');
  for (;;) {
    const std::array buffers = {std::as_writable_bytes(std::span(piece).first(step / 2)),
                                std::as_writable_bytes(std::span(piece).subspan(step / 2))};
    const auto got = spool.try_read(buffers);
    EXPECT_TRUE(got);
    if (!got || *got == 0) return out;
    out.append(piece, 0, *got);
  }
}

std::string numbers(std::size_t size) {
  std::string out;
  for (int i = 0; out.size() < size; ++i) out += std::to_string(i) + ",";
  return out;
}

int open_files() {
  DIR* self = ::opendir("/proc/self/fd");
  int count = 0;
  while (::readdir(self) != nullptr) ++count;
  ::closedir(self);
  return count;
}

class BodySpoolTest : public testing::Test {
 protected:
  UniqueFd directory{::open(testing::TempDir().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  ipc::MetricBlock block{};
  SpoolBudget budget{4_MiB, ipc::Metrics(block)};
  BodySpool spool{budget};
};

TEST_F(BodySpoolTest, KeepsASmallBodyInMemory) {
  spool.begin(-1);
  const std::string body = numbers(100 << 10);
  ASSERT_TRUE(spool.append(std::string_view(body).substr(0, 1000)));
  ASSERT_TRUE(spool.append(std::string_view(body).substr(1000)));
  EXPECT_EQ(spool.size(), body.size());
  EXPECT_EQ(spool.available().bytes, body.size());
  EXPECT_EQ(read_all(spool, 7777), body);
}

TEST_F(BodySpoolTest, MovesALargeBodyToAFile) {
  spool.begin(directory.get());
  const std::string body = numbers(1 << 20);
  for (std::size_t at = 0; at < body.size(); at += 10'000) {
    ASSERT_TRUE(spool.append(std::string_view(body).substr(at, 10'000)));
  }
  EXPECT_EQ(spool.size(), body.size());
  EXPECT_EQ(read_all(spool, 30'000), body);
}

TEST_F(BodySpoolTest, FailsWhenThereIsNowhereToPutALargeBody) {
  spool.begin(-1);
  const std::string body(BodySpool::kInMemory + 1, 'x');
  const auto kept = spool.append(body);
  ASSERT_FALSE(kept);
  EXPECT_EQ(kept.error().code, ErrorCode::io_error);
}

TEST_F(BodySpoolTest, AreBoundedInSum) {
  const std::string body(3 << 20, 'x');
  spool.begin(directory.get());
  ASSERT_TRUE(spool.append(body));
  BodySpool other(budget);
  other.begin(directory.get());
  ASSERT_TRUE(other.append(std::string(1 << 20, 'x')));
  const auto kept = other.append("x");
  ASSERT_FALSE(kept);
  EXPECT_EQ(kept.error().code, ErrorCode::queue_full);
  EXPECT_EQ(budget.used(), 4_MiB);
  spool.release();
  EXPECT_TRUE(other.append(body));
  EXPECT_EQ(budget.used(), 4_MiB);
}

TEST_F(BodySpoolTest, MayBeLargerThanTheSumWhenItIsAlone) {
  const std::string body(3 << 20, 'x');
  spool.begin(directory.get());
  ASSERT_TRUE(spool.append(body));
  ASSERT_TRUE(spool.append(body));
  {
    BodySpool other(budget);
    EXPECT_FALSE(other.append("x"));
  }
  spool.release();
  EXPECT_EQ(budget.used(), 0_B);
}

TEST_F(BodySpoolTest, KeepsNothingOnceReleased) {
  const int before = open_files();
  spool.begin(directory.get());
  ASSERT_TRUE(spool.append(std::string(BodySpool::kInMemory + 1, 'x')));
  EXPECT_EQ(open_files(), before + 1);
  spool.release();
  EXPECT_EQ(open_files(), before);
  EXPECT_EQ(spool.size(), 0u);
  spool.begin(-1);
  EXPECT_EQ(read_all(spool, 100), "");
}

}  // namespace
}  // namespace brink::worker
