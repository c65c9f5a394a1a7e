#include "package/diagnostics.h"

#include <gtest/gtest.h>

namespace brink::package {
namespace {

TEST(InQuotes, KeepsMessagesOnOneLineAndShort) {
  EXPECT_EQ(in_quotes("a\nb\x1b"), "'a?b?'");
  EXPECT_EQ(in_quotes(std::string(200, 'x')), "'" + std::string(80, 'x') + "...'");
}

TEST(Diagnostics, PutsFilePositionAndPathInFrontOfEachMessage) {
  Diagnostics diagnostics("app.yaml");
  diagnostics.error({3, 7}, "scaling.mode", "is wrong");
  diagnostics.error({}, {}, "cannot be read");
  const Error error = diagnostics.to_error();
  EXPECT_EQ(error.code, ErrorCode::config_invalid);
  EXPECT_EQ(error.text(),
            "app.yaml: cannot be read\n"
            "app.yaml:3:7: scaling.mode: is wrong");
}

TEST(Diagnostics, KeepsControlCharactersOutOfItsLines) {
  Diagnostics diagnostics("f");
  diagnostics.error({1, 1}, "a\x1b[0m", std::string_view("saw \n\0", 6));
  EXPECT_EQ(diagnostics.to_error().text(), "f:1:1: a?[0m: saw ??");
}

TEST(Diagnostics, TakesOverWhatAnotherFileHas) {
  Diagnostics other("b");
  other.error({1, 1}, "k", "m");
  other.warn({2, 1}, "k", "w");
  Diagnostics diagnostics("a");
  diagnostics.add(other);
  diagnostics.error({9, 1}, "k", "m");
  EXPECT_EQ(diagnostics.error_count(), 2U);
  EXPECT_EQ(diagnostics.to_error().text(), "a:9:1: k: m\nb:1:1: k: m");
  EXPECT_EQ(diagnostics.warnings(), std::vector<std::string>{"b:2:1: k: w"});
}

TEST(Diagnostics, KeepsABoundedNumberAndCountsTheRest) {
  Diagnostics diagnostics("f");
  for (unsigned i = 1; i <= 25; ++i) {
    diagnostics.error({i, 1}, "k", "m");
    diagnostics.warn({i, 1}, "k", "m");
  }
  EXPECT_EQ(diagnostics.error_count(), 25U);
  EXPECT_EQ(diagnostics.warnings().size(), Diagnostics::kMost);
  EXPECT_TRUE(diagnostics.to_error().message.ends_with("f:20:1: k: m\nf: and 5 more errors"));
}

}  // namespace
}  // namespace brink::package
