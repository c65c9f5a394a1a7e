#include "wcgi/request_fields.h"

#include <gmock/gmock.h>

#include "wcgi/test_support.h"

namespace brink::wcgi {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> variables(const std::vector<http::Field>& fields,
                                   Credentials credentials = Credentials::withhold) {
  RequestFields translator;
  wasi::StringBlock block;
  const auto summary = translator.add_to(block, fields, credentials);
  EXPECT_TRUE(summary) << summary.error().text();
  return strings_of(block);
}

TEST(FieldVariables, AreUpperCaseWithUnderscores) {
  EXPECT_THAT(variables({{"accept-language", "de"}, {"X-Ab9", "v"}}),
              ElementsAre("HTTP_ACCEPT_LANGUAGE=de", "HTTP_X_AB9=v"));
}

TEST(FieldVariables, KeepTheValueAsItIs) {
  EXPECT_THAT(variables({{"A", ""}, {"B", "x = \"y\", \xff"}}),
              ElementsAre("HTTP_A=", "HTTP_B=x = \"y\", \xff"));
}

TEST(FieldVariables, JoinRepeatedFieldsInOrderWhateverTheirCase) {
  EXPECT_THAT(variables({{"Accept", "a"}, {"X", "1"}, {"ACCEPT", "b"}, {"accept", "c"}}),
              ElementsAre("HTTP_ACCEPT=a, b, c", "HTTP_X=1"));
}

TEST(FieldVariables, JoinCookiesBySemicolons) {
  EXPECT_THAT(variables({{"Cookie", "a=1"}, {"cookie", "b=2"}}),
              ElementsAre("HTTP_COOKIE=a=1; b=2"));
}

TEST(FieldVariables, OfFieldsWithEqualHashesStayApart) {
  // "ab" and "ba" differ in order only: a hash of few characters may not see it.
  EXPECT_THAT(variables({{"aab", "1"}, {"bba", "2"}, {"aab", "3"}}),
              ElementsAre("HTTP_AAB=1, 3", "HTTP_BBA=2"));
}

TEST(FieldVariables, LeaveOutProxySinceItWouldSteerTheProgramsOwnRequests) {
  EXPECT_THAT(variables({{"Proxy", "http://evil"}, {"PROXY", "x"}, {"Proxy_", "x"}}), IsEmpty());
}

TEST(FieldVariables, LeaveOutNamesThatCollideOrThatNobodyCouldAskFor) {
  EXPECT_THAT(variables({{"X_Forwarded_For", "forged"}, {"a.b", "x"}, {"a!", "x"}, {"", "x"}}),
              IsEmpty());
}

TEST(FieldVariables, LeaveOutWhatIsMeantForTheConnectionOnly) {
  EXPECT_THAT(variables({{"Connection", "close, X-Hop"},
                         {"Keep-Alive", "x"},
                         {"Proxy-Connection", "x"},
                         {"Proxy-Authorization", "x"},
                         {"TE", "trailers"},
                         {"Trailer", "x"},
                         {"Transfer-Encoding", "chunked"},
                         {"Upgrade", "h2c"},
                         {"x-hop", "x"},
                         {"X-Stays", "y"}}),
              ElementsAre("HTTP_X_STAYS=y"));
}

TEST(FieldVariables, KeepHostEvenWhenConnectionNamesIt) {
  EXPECT_THAT(variables({{"Host", "app.example"}, {"Connection", "host"}}),
              ElementsAre("HTTP_HOST=app.example"));
}

TEST(FieldVariables, LeaveOutCredentialsUnlessTheAppAsks) {
  EXPECT_THAT(variables({{"Authorization", "Bearer t"}}), IsEmpty());
  EXPECT_THAT(variables({{"Authorization", "Bearer t"}}, Credentials::pass),
              ElementsAre("HTTP_AUTHORIZATION=Bearer t"));
}

TEST(FieldVariables, LeaveOutWhatHasAVariableOfItsOwn) {
  EXPECT_THAT(variables({{"Content-Length", "1"}, {"Content-Type", "a/b"}}), IsEmpty());
}

TEST(FieldSummary, TellsContentTypeAndAuthorization) {
  RequestFields translator;
  wasi::StringBlock block;
  const std::vector<http::Field> fields = {{"CONTENT-TYPE", "a/b"}, {"authorization", "Digest x"}};
  const auto summary = translator.add_to(block, fields, Credentials::withhold);
  ASSERT_TRUE(summary);
  EXPECT_EQ(summary->content_type, "a/b");
  EXPECT_EQ(summary->authorization, "Digest x");
}

TEST(FieldSummary, RefusesContentTypesThatDiffer) {
  RequestFields translator;
  wasi::StringBlock block;
  const std::vector<http::Field> same = {{"Content-Type", "a/b"}, {"content-type", "a/b"}};
  EXPECT_TRUE(translator.add_to(block, same, Credentials::withhold));
  const std::vector<http::Field> differ = {{"Content-Type", "a/b"}, {"content-type", "c/d"}};
  const auto summary = translator.add_to(block, differ, Credentials::withhold);
  ASSERT_FALSE(summary);
  EXPECT_EQ(summary.error().code, ErrorCode::bad_request);
}

}  // namespace
}  // namespace brink::wcgi
