#include "wcgi/answer_framing.h"

#include <gtest/gtest.h>

namespace brink::wcgi {
namespace {

TEST(BodyRule, DropsTheBodyOfHeadAndOfStatusesWithoutOne) {
  EXPECT_EQ(body_rule("HEAD", 200), BodyRule::drop);
  for (const auto status : std::initializer_list<std::uint16_t>{204, 205, 304}) {
    EXPECT_EQ(body_rule("GET", status), BodyRule::drop) << status;
  }
  for (const auto status : std::initializer_list<std::uint16_t>{200, 206, 302, 404, 500}) {
    EXPECT_EQ(body_rule("GET", status), BodyRule::send) << status;
  }
  EXPECT_EQ(body_rule("head", 200), BodyRule::send);
}

TEST(BodyGate, LetsEverythingThroughWithoutAStatedLength) {
  BodyGate gate(BodyRule::send, std::nullopt);
  EXPECT_EQ(gate.accept("abc"), "abc");
  EXPECT_EQ(gate.accept(""), "");
  EXPECT_FALSE(gate.is_shut());
  EXPECT_EQ(gate.sent(), 3);
  EXPECT_EQ(gate.finish(), (BodyGate::End{}));
}

TEST(BodyGate, DropsWhatIsBeyondTheStatedLengthAndCountsIt) {
  BodyGate gate(BodyRule::send, 5);
  EXPECT_EQ(gate.accept("abc"), "abc");
  EXPECT_FALSE(gate.is_shut());
  EXPECT_EQ(gate.accept("defgh"), "de");
  EXPECT_TRUE(gate.is_shut());
  EXPECT_EQ(gate.accept("ijk"), "");
  EXPECT_EQ(gate.sent(), 5);
  EXPECT_EQ(gate.finish(), (BodyGate::End{.missing = 0, .dropped = 6}));
}

TEST(BodyGate, TellsHowMuchIsMissing) {
  BodyGate gate(BodyRule::send, 5);
  EXPECT_EQ(gate.finish().missing, 5);
  EXPECT_EQ(gate.accept("abc"), "abc");
  EXPECT_EQ(gate.finish(), (BodyGate::End{.missing = 2, .dropped = 0}));
  EXPECT_FALSE(gate.finish().complete());
  EXPECT_EQ(gate.accept("de"), "de");
  EXPECT_TRUE(gate.finish().complete());
}

TEST(BodyGate, OfLengthZeroIsShutFromTheStart) {
  BodyGate gate(BodyRule::send, 0);
  EXPECT_TRUE(gate.is_shut());
  EXPECT_EQ(gate.accept("a"), "");
  EXPECT_EQ(gate.finish(), (BodyGate::End{.missing = 0, .dropped = 1}));
}

TEST(BodyGate, CountsAgainstTheLargestLengthWithoutOverflow) {
  BodyGate gate(BodyRule::send, UINT64_MAX);
  EXPECT_EQ(gate.accept("abc"), "abc");
  EXPECT_EQ(gate.finish().missing, UINT64_MAX - 3);
}

TEST(BodyGate, OfAHeadAnswerIsCompleteWhateverLengthIsStated) {
  BodyGate gate(BodyRule::drop, 5);
  EXPECT_TRUE(gate.is_shut());
  EXPECT_EQ(gate.accept("abc"), "");
  EXPECT_EQ(gate.sent(), 0);
  EXPECT_EQ(gate.finish(), (BodyGate::End{.missing = 0, .dropped = 3}));
}

}  // namespace
}  // namespace brink::wcgi
