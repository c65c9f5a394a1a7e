#include "ipc/messages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace brink::ipc {
namespace {

using testing::HasSubstr;

std::vector<Message> one_of_each() {
  return {Hello{kProtocolVersion, Role::app, 7, 4242, BootToken::random().value()},
          Start{R"({"apps":["a \"quoted\" one"]})", {"listener/0", "shared_page"}},
          Ready{},
          Drain{MonotonicTime{Duration(std::numeric_limits<std::int64_t>::max())}},
          Drain{MonotonicTime{Duration(1)}, Drain::Successor::serves},
          Drained{std::numeric_limits<std::uint64_t>::max()},
          Bye{},
          Failed{Error{ErrorCode::guest_trap, "it\nbroke", "mend it"}}};
}

TEST(Messages, ComeBackAsTheyWereSent) {
  for (const Message& message : one_of_each()) {
    const auto decoded = decode(encode(message));
    ASSERT_TRUE(decoded) << encode(message) << ": " << decoded.error().text();
    EXPECT_EQ(*decoded, message) << kind(message);
  }
}

TEST(Messages, KeepEveryErrorCode) {
  for (int i = 0; i <= static_cast<int>(ErrorCode::internal); ++i) {
    const auto decoded = decode(encode(Failed{Error{static_cast<ErrorCode>(i), "m", "r"}}));
    EXPECT_EQ(std::get<Failed>(decoded.value()).error.code, static_cast<ErrorCode>(i));
  }
}

TEST(Messages, SurviveTextThatIsNotUtf8) {
  const auto decoded = decode(encode(Failed{Error{ErrorCode::internal, "a\xff\"b", "\xc3\xa4"}}));
  ASSERT_TRUE(decoded) << decoded.error().text();
  EXPECT_EQ(std::get<Failed>(*decoded).error.message, "a?\"b");
  EXPECT_EQ(std::get<Failed>(*decoded).error.remedy, "\xc3\xa4");
}

class Nonsense : public testing::TestWithParam<std::pair<const char*, const char*>> {};

TEST_P(Nonsense, IsRefusedAndNamed) {
  const auto decoded = decode(GetParam().first);
  ASSERT_FALSE(decoded);
  EXPECT_EQ(decoded.error().code, ErrorCode::bad_request);
  EXPECT_THAT(decoded.error().text(), HasSubstr(GetParam().second));
}

INSTANTIATE_TEST_SUITE_P(
    Packets, Nonsense,
    testing::Values(std::pair("", "not a message"), std::pair("{", "not a message"),
                    std::pair("[]", "must be a JSON object"),
                    std::pair("{}", "\"kind\" is missing"),
                    std::pair(R"({"kind":1})", "\"kind\" must be a string"),
                    std::pair(R"({"kind":"explode"})", "unknown kind"),
                    std::pair(R"({"kind":"ready","more":1})", "ready: \"more\" is unknown"),
                    std::pair(R"({"kind":"ready"} x)", "not a message"),
                    std::pair(R"({"kind":"drain"})", "drain: \"deadline_ns\" is missing"),
                    std::pair(R"({"kind":"drain","deadline_ns":1.5})", "integer"),
                    std::pair(R"({"kind":"drain","deadline_ns":1,"successor":"x"})", "successor"),
                    std::pair(R"({"kind":"drain","deadline_ns":"1"})", "integer"),
                    std::pair(R"({"kind":"drained","abandoned":-1})", "in range"),
                    std::pair(R"({"kind":"drained","abandoned":18446744073709551616})", "integer"),
                    std::pair(R"({"kind":"start","configuration":"","descriptors":[1]})",
                              "array of strings"),
                    std::pair(R"({"kind":"failed","code":"no","message":"","remedy":""})",
                              "unknown error code"),
                    std::pair(R"({"kind":[[[[[[[1]]]]]]]})", "not a message")));

TEST(Messages, BoundTheNumberOfDescriptors) {
  EXPECT_TRUE(decode(encode(Start{"", std::vector<std::string>(kMaxDescriptors, "x")})));
  EXPECT_FALSE(decode(encode(Start{"", std::vector<std::string>(kMaxDescriptors + 1, "x")})));
}

TEST(BootTokens, AreRandomAndReadBack) {
  const auto a = BootToken::random().value();
  const auto b = BootToken::random().value();
  EXPECT_FALSE(a == b);
  EXPECT_EQ(BootToken::parse(a.hex()).value(), a);
  EXPECT_FALSE(BootToken::parse(a.hex().substr(1)));
  EXPECT_FALSE(BootToken::parse(std::string(32, 'g')));
}

TEST(BootTokens, LeaveTheEnvironmentWhenTaken) {
  const auto token = BootToken::random().value();
  ::setenv(BootToken::kVariable, token.hex().c_str(), 1);
  EXPECT_EQ(BootToken::take_from_environment().value(), token);
  EXPECT_EQ(::getenv(BootToken::kVariable), nullptr);
  EXPECT_FALSE(BootToken::take_from_environment());
}

}  // namespace
}  // namespace brink::ipc
