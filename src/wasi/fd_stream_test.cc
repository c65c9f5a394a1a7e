#include "wasi/fd_stream.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <array>
#include <string>
#include <string_view>

#include "base/unique_fd.h"

namespace brink::wasi {
namespace {

/// A pipe whose ends block, as those of a shell do.
class FdStreamTest : public ::testing::Test {
 protected:
  FdStreamTest() {
    ::signal(SIGPIPE, SIG_IGN);
    int ends[2];
    EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    read_end_ = UniqueFd(ends[0]);
    write_end_ = UniqueFd(ends[1]);
  }
  Outcome<std::uint64_t> read(InputStream& stream) {
    const std::array buffers = {MutableBytes(buffer_).first(2), MutableBytes(buffer_).subspan(2)};
    return stream.try_read(buffers);
  }
  static Outcome<std::uint64_t> write(OutputStream& stream, std::string_view text) {
    const std::array buffers = {std::as_bytes(std::span(text))};
    return stream.try_write(buffers);
  }

  UniqueFd read_end_, write_end_;
  std::array<std::byte, 64> buffer_{};
  wasm::WaitSet wait_;
};

TEST_F(FdStreamTest, ReadsWithoutBlocking) {
  FdInputStream stream(read_end_.get());
  EXPECT_EQ(read(stream).error(), Errno::again);
  EXPECT_FALSE(stream.available().ready());
  EXPECT_EQ(::write(write_end_.get(), "abc", 3), 3);
  EXPECT_EQ(stream.available().bytes, 3u);
  EXPECT_EQ(read(stream), 3u);
  EXPECT_EQ(static_cast<char>(buffer_[2]), 'c');
}

TEST_F(FdStreamTest, SeesTheEnd) {
  FdInputStream stream(read_end_.get());
  write_end_.reset();
  EXPECT_EQ(stream.available().state, Readiness::State::hung_up);
  EXPECT_EQ(read(stream), 0u);
}

TEST_F(FdStreamTest, WritesWithoutBlocking) {
  FdOutputStream stream(write_end_.get());
  const std::string big(1 << 20, 'x');
  std::uint64_t written = 0;
  while (const auto taken = write(stream, big)) {
    EXPECT_GT(*taken, 0u);
    written += *taken;
    ASSERT_LT(written, big.size()) << "a pipe never takes this much";
  }
  EXPECT_GT(written, 0u);
  EXPECT_EQ(write(stream, "x").error(), Errno::again);
  EXPECT_FALSE(stream.room().ready());
}

TEST_F(FdStreamTest, KnowsABrokenPipe) {
  FdOutputStream stream(write_end_.get());
  read_end_.reset();
  EXPECT_EQ(stream.room().state, Readiness::State::hung_up);
  EXPECT_EQ(write(stream, "x").error(), Errno::pipe);
}

TEST_F(FdStreamTest, WaitsOnItsDescriptor) {
  FdInputStream(read_end_.get()).add_wait(wait_);
  FdOutputStream(write_end_.get()).add_wait(wait_);
  ASSERT_EQ(wait_.interests().size(), 2u);
  EXPECT_EQ(wait_.interests()[0].fd, read_end_.get());
  EXPECT_EQ(wait_.interests()[0].events, POLLIN);
  EXPECT_EQ(wait_.interests()[1].fd, write_end_.get());
  EXPECT_EQ(wait_.interests()[1].events, POLLOUT);
}

TEST_F(FdStreamTest, WritesAFileInOnePiece) {
  std::string name = "/tmp/brink_fd_stream_XXXXXX";
  const UniqueFd file(::mkstemp(name.data()));
  ::unlink(name.c_str());
  FdOutputStream stream(file.get());
  EXPECT_EQ(write(stream, std::string(100'000, 'x')), 100'000u);
}

}  // namespace
}  // namespace brink::wasi
