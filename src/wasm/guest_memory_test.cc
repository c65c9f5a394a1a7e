#include "wasm/guest_memory.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>

namespace brink::wasm {
namespace {

/// A memory of which 8 bytes are known, and that may have grown meanwhile.
struct Growing final : GuestMemory::Growth {
  [[nodiscard]] std::uint64_t size() const noexcept override {
    ++asked;
    return now;
  }

  [[nodiscard]] GuestMemory view() { return GuestMemory(std::span(bytes).first(8), this); }

  std::array<std::byte, 64> bytes{};
  std::uint64_t now = 8;
  mutable int asked = 0;
};

TEST(GuestMemory, ReachesWhatTheMemoryHasGrownBy) {
  Growing growing;
  const GuestMemory memory = growing.view();
  EXPECT_FALSE(memory.store<std::uint32_t>(8, 7));
  growing.now = 16;
  EXPECT_TRUE(memory.store<std::uint32_t>(12, 7));
  EXPECT_EQ(memory.load<std::uint32_t>(12), 7);
  EXPECT_EQ(memory.size(), 16);
  EXPECT_FALSE(memory.bytes(13, 4));
}

TEST(GuestMemory, DoesNotAskForWhatIsKnown) {
  Growing growing;
  EXPECT_TRUE(growing.view().bytes(4, 4));
  EXPECT_TRUE(growing.view().bytes(8, 0));
  EXPECT_EQ(growing.asked, 0);
}

TEST(GuestMemory, RefusesLengthsThatOverflow) {
  Growing growing;
  EXPECT_FALSE(growing.view().bytes(1, UINT64_MAX));
  EXPECT_FALSE(growing.view().bytes(UINT32_MAX, UINT64_MAX - UINT32_MAX + 1));
  EXPECT_FALSE(GuestMemory().bytes(0, 1));
}

}  // namespace
}  // namespace brink::wasm
