#include "wasi/guest_buffers.h"

#include <gtest/gtest.h>

#include <cstring>

namespace brink::wasi {
namespace {

class GuestBuffersTest : public ::testing::Test {
 protected:
  void set(std::uint32_t index, std::uint32_t address, std::uint32_t length) {
    const GuestIovec iovec{address, length};
    std::memcpy(bytes_.data() + kArray + index * sizeof iovec, &iovec, sizeof iovec);
  }
  Outcome<void> copy(std::uint32_t count, std::uint64_t skip = 0) {
    buffers_ = {};
    return buffers_.copy(wasm::GuestMemory(bytes_), limits_, kArray, count, skip);
  }

  static constexpr std::uint32_t kArray = 4001;  // unaligned on purpose
  std::vector<std::byte> bytes_{16'384};
  ProcessLimits limits_{.per_attempt = 100_B};
  GuestBuffers<std::byte> buffers_;
};

TEST_F(GuestBuffersTest, ShowsTheGuestsBuffersWithoutTheEmptyOnes) {
  set(0, 10, 3);
  set(1, ~0u, 0);  // nothing is read or written there
  set(2, 20, 4);
  ASSERT_TRUE(copy(3));
  ASSERT_EQ(buffers_.window().size(), 2u);
  EXPECT_EQ(buffers_.window()[0].data(), bytes_.data() + 10);
  EXPECT_EQ(buffers_.window()[1].data(), bytes_.data() + 20);
  EXPECT_EQ(buffers_.window_bytes(), 7u);
  EXPECT_EQ(buffers_.total_bytes(), 7u);
}

TEST_F(GuestBuffersTest, TheWindowBeginsAfterWhatWasMoved) {
  set(0, 10, 3);
  set(1, 20, 4);
  ASSERT_TRUE(copy(2, 5));
  ASSERT_EQ(buffers_.window().size(), 1u);
  EXPECT_EQ(buffers_.window()[0].data(), bytes_.data() + 22);
  EXPECT_EQ(buffers_.window_bytes(), 2u);
  EXPECT_EQ(buffers_.total_bytes(), 7u);
  ASSERT_TRUE(copy(2, 7));
  EXPECT_EQ(buffers_.window_bytes(), 0u);
  ASSERT_TRUE(copy(2, 1'000'000));
  EXPECT_EQ(buffers_.window_bytes(), 0u);
}

TEST_F(GuestBuffersTest, TheWindowEndsAtTheLimitOfAnAttempt) {
  set(0, 0, 60);
  set(1, 100, 60);
  set(2, 200, 60);
  ASSERT_TRUE(copy(3));
  EXPECT_EQ(buffers_.window_bytes(), 100u);
  EXPECT_EQ(buffers_.total_bytes(), 180u);
  ASSERT_EQ(buffers_.window().size(), 2u);
  EXPECT_EQ(buffers_.window()[1].size(), 40u);
}

TEST_F(GuestBuffersTest, TakesManyPieces) {
  for (std::uint32_t i = 0; i < 50; ++i) set(i, i, 1);
  ASSERT_TRUE(copy(50));
  ASSERT_EQ(buffers_.window().size(), 50u);
  for (std::uint32_t i = 0; i < 50; ++i) {
    EXPECT_EQ(buffers_.window()[i].data(), bytes_.data() + i);
  }
}

TEST_F(GuestBuffersTest, TheWindowHasNoMorePiecesThanTheKernelTakes) {
  for (std::uint32_t i = 0; i < 90; ++i) set(i, i, 1);
  ASSERT_TRUE(copy(90));
  EXPECT_EQ(buffers_.window().size(), 64u);
  EXPECT_EQ(buffers_.total_bytes(), 90u);
  ASSERT_TRUE(copy(90, 64));
  ASSERT_EQ(buffers_.window().size(), 26u);
  EXPECT_EQ(buffers_.window()[0].data(), bytes_.data() + 64);
}

TEST_F(GuestBuffersTest, RefusesTooManyPieces) {
  limits_.iovecs = 4;
  EXPECT_TRUE(copy(4));
  EXPECT_EQ(copy(5).error(), Errno::inval);
  EXPECT_EQ(copy(~0u).error(), Errno::inval);
}

TEST_F(GuestBuffersTest, RefusesWhatIsOutsideOfMemory) {
  set(0, 10, 3);
  set(1, 16'383, 2);
  EXPECT_EQ(copy(2).error(), Errno::fault);
  set(1, ~0u, ~0u);
  EXPECT_EQ(copy(2).error(), Errno::fault);
  limits_.iovecs = ~0u;
  EXPECT_EQ(copy(~0u).error(), Errno::fault) << "the array itself";
}

TEST_F(GuestBuffersTest, RefusesASumThatTheResultCannotHold) {
  bytes_.resize(std::size_t{64} << 20);
  for (std::uint32_t i = 0; i < 64; ++i) set(i, 0, 64u << 20);
  EXPECT_TRUE(copy(63));
  EXPECT_EQ(copy(64).error(), Errno::inval);
}

}  // namespace
}  // namespace brink::wasi
