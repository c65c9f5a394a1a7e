#include "wcgi/json_dialect.h"

#include <gmock/gmock.h>

#include <boost/json.hpp>

#include "wcgi/test_support.h"

namespace brink::wcgi {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

std::string request_json(const http::RequestHead& request, BodyLength body = BodyLength::none(),
                         Credentials credentials = Credentials::withhold) {
  wasi::StringBlock block;
  std::string scratch = "left over";
  add_request_json(block, request, body, credentials, scratch);
  auto json = variable(block, "__WCGI_REQUEST_JSON_V1").value_or("unset");
  boost::system::error_code code;
  boost::json::parse(json, code);
  EXPECT_FALSE(code) << json;
  return json;
}

TEST(JsonDialect, IsChosenByName) {
  EXPECT_EQ(parse_dialect("wcgi"), Dialect::json);
  EXPECT_EQ(parse_dialect("rfc-3875"), Dialect::rfc3875);
  for (const char* name : {"", "WCGI", "rfc3875", "cgi"}) {
    EXPECT_EQ(parse_dialect(name), std::nullopt) << name;
  }
}

TEST(RequestJson, HasMethodTargetAndFields) {
  const std::vector<http::Field> fields = {{"Host", "x"}, {"Accept", "a"}, {"accept", "b"}};
  EXPECT_EQ(
      request_json(request_for("GET", "/a?b", fields)),
      R"({"method":"GET","uri":"/a?b","headers":{"host":"x","accept":["a","b"]},"body":null})");
}

TEST(RequestJson, IsCompleteWithoutAnyField) {
  EXPECT_EQ(request_json(request_for("GET", "/")),
            R"({"method":"GET","uri":"/","headers":{},"body":null})");
}

TEST(RequestJson, EscapesWhatJsonNeedsEscaped) {
  const std::vector<http::Field> fields = {{"X", "\"q\" \\ \t"}};
  EXPECT_THAT(request_json(request_for("GET", "/", fields)), HasSubstr(R"("x":"\"q\" \\ \u0009")"));
}

TEST(RequestJson, KeepsUtf8AndReadsOtherBytesAsLatin1) {
  const std::vector<http::Field> fields = {{"A", "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"},
                                           {"B", "\xe4"},
                                           {"C", "\xc0\x80"},
                                           {"D", "\xed\xa0\x80"}};
  const auto json = request_json(request_for("GET", "/", fields));
  EXPECT_THAT(json, HasSubstr("\"a\":\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\""));
  EXPECT_THAT(json, HasSubstr("\"b\":\"\xc3\xa4\""));
  EXPECT_THAT(json, HasSubstr("\"c\":\"\xc3\x80\xc2\x80\""));
  EXPECT_THAT(json, HasSubstr("\"d\":\"\xc3\xad\xc2\xa0\xc2\x80\""));
}

TEST(RequestJson, TellsTheLengthOfTheBodyAndNotTheFields) {
  const std::vector<http::Field> fields = {{"Content-Length", "9"}, {"Content-Type", "a/b"}};
  EXPECT_THAT(request_json(request_for("POST", "/", fields), BodyLength::known(3)),
              HasSubstr(R"({"content-type":"a/b","content-length":"3"})"));
  EXPECT_THAT(request_json(request_for("POST", "/", fields), BodyLength::streaming()),
              HasSubstr(R"({"content-type":"a/b"})"));
  EXPECT_THAT(request_json(request_for("POST", "/"), BodyLength::known(3)),
              HasSubstr(R"("headers":{"content-length":"3"})"));
}

TEST(RequestJson, LeavesOutCredentialsAndWhatIsMeantForTheConnection) {
  const std::vector<http::Field> fields = {{"Authorization", "Bearer t"},
                                           {"Proxy", "p"},
                                           {"Connection", "X-Hop"},
                                           {"X-Hop", "h"},
                                           {"TE", "trailers"},
                                           {"X", "y"}};
  EXPECT_THAT(request_json(request_for("GET", "/", fields)), HasSubstr(R"("headers":{"x":"y"})"));
  EXPECT_THAT(request_json(request_for("GET", "/", fields), BodyLength::none(), Credentials::pass),
              HasSubstr(R"("authorization":"Bearer t")"));
}

/// What a parser makes of pieces, as text.
std::string parse(JsonHeadParser& parser, const std::vector<std::string_view>& pieces) {
  std::size_t given = 0;
  for (const auto piece : pieces) {
    const auto fed = parser.feed(piece);
    if (!fed) {
      EXPECT_EQ(fed.error().code, ErrorCode::guest_bad_answer);
      return "error: " + fed.error().message;
    }
    given += fed->consumed;
    if (fed->state == Fed::State::need_more) continue;
    const auto& head = parser.head();
    auto text = std::to_string(head.status);
    if (head.content_length) text += " length " + std::to_string(*head.content_length);
    EXPECT_EQ(head.form == AnswerForm::local_redirect, false);
    for (const auto& field : head.fields) {
      text.append("|").append(field.name).append("=").append(field.value);
    }
    return text + " @" + std::to_string(given);
  }
  return "need more: " + parser.end_of_output().message;
}

std::string parse(std::string_view output) {
  JsonHeadParser parser;
  return parse(parser, {output});
}

struct Case {
  std::string output;
  std::string result;  ///< how it starts
};

const std::vector<Case>& cases() {
  static const std::vector<Case> kCases = {
      {"{\"status\":200,\"headers\":{\"content-type\":\"a/b\"}}\nbody", "200|content-type=a/b @48"},
      {"{\"headers\":{},\"status\":404}\r\n\n", "404 @29"},
      {"{\"status\":204}\n", "204 @15"},
      {" { \"status\" : 200 } \n", "200 @21"},
      {"{\"status\":200,\"headers\":{\"set-cookie\":[\"a\",\"b\"],\"x\":\"\"}}\n",
       "200|set-cookie=a|set-cookie=b|x= @"},
      {"{\"status\":200,\"headers\":{\"x\":[]}}\n", "200 @"},
      {"{\"status\":200,\"headers\":{\"content-length\":\"5\"}}\nhello", "200 length 5 @"},
      {"{\"status\":302,\"headers\":{\"location\":\"/a\"}}\n", "302|Location=/a @"},
      {"{\"status\":200,\"headers\":{\"location\":\"/a\"}}\n", "200|Location=/a @"},
      {"{\"status\":200,\"headers\":{\"transfer-encoding\":\"chunked\"}}\n", "200 @"},
      {"{\"status\":200,\"headers\":{\"x\":\"\\u00e4\"}}\n", "200|x=\xc3\xa4 @"},
      {"\n", "error: the program's first line"},
      {"hello\n", "error: the program's first line: \"hello\" is not JSON"},
      {"Content-Type: a/b\n\n",
       "error: the program's first line: \"Content-Type: a/b\" is not JSON"},
      {"[]\n", "error: the program's first line: an array where an object belongs"},
      {"200\n", "error: the program's first line: a number where an object belongs"},
      {"null\n", "error: the program's first line: null where an object belongs"},
      {"{}\n", "error: the program's first line: the JSON head has no status"},
      {"{\"headers\":{}}\n", "error: the program's first line: the JSON head has no status"},
      {"{\"status\":\"200\"}\n", "error: the program's first line: a string where the status"},
      {"{\"status\":200.5}\n", "error: the program's first line: a fraction where the status"},
      {"{\"status\":null}\n", "error: the program's first line: null where the status"},
      {"{\"status\":true}\n", "error: the program's first line: true or false where the status"},
      {"{\"status\":{}}\n", "error: the program's first line: an object where the status"},
      {"{\"status\":99}\n", "error: the program's first line: the status 99 is not between"},
      {"{\"status\":101}\n", "error: the program's first line: the status 101 is not between"},
      {"{\"status\":-20}\n", "error: the program's first line: the status \"-20\" is not three"},
      {"{\"status\":99999999999999999999}\n", "error: the program's first line: a"},
      {"{\"status\":200,\"status\":200}\n",
       "error: the program's first line: a second member \"status\""},
      {"{\"status\":200,\"headers\":{},\"headers\":{}}\n",
       "error: the program's first line: a second member \"headers\""},
      {"{\"status\":200,\"body\":\"x\"}\n",
       "error: the program's first line: an unknown member \"body\""},
      {"{\"status\":200,\"headers\":[]}\n",
       "error: the program's first line: an array where the object of headers"},
      {"{\"status\":200,\"headers\":{\"x\":1}}\n",
       "error: the program's first line: a number where the text of x belongs"},
      {"{\"status\":200,\"headers\":{\"x\":[\"a\",[]]}}\n",
       "error: the program's first line: an array where the text of x belongs"},
      {"{\"status\":200,\"headers\":{\"x\":{}}}\n",
       "error: the program's first line: an object where the text of x belongs"},
      {"{\"status\":200,\"headers\":{\"a b\":\"x\"}}\n",
       "error: the program's first line: \"a b\" is not a header field's name"},
      {"{\"status\":200,\"headers\":{\"x\":\"a\\r\\nSet-Cookie: b\"}}\n",
       "error: the program's first line: the value of x has a control byte"},
      {"{\"status\":200,\"headers\":{\"x\":\"\\u0000\"}}\n",
       "error: the program's first line: the value of x has a control byte"},
      {"{\"status\":200,\"headers\":{\"x\":\"\xff\"}}\n", "error: the program's first line:"},
      {"{\"status\":200}{}\n", "error: the program's first line: \"{}\" follows the JSON head"},
      {"{\"status\":200\n}\n", "error: the program's first line: \"{\"status\":200\" is not JSON"},
      {"", "need more: the program printed nothing"},
      {"{\"status\":200}",
       "need more: the program's output ended in its first line, after 14 bytes"},
  };
  return kCases;
}

TEST(JsonHeadParser, ReadsOrRefusesEveryFormOfHead) {
  for (const auto& test : cases()) EXPECT_THAT(parse(test.output), StartsWith(test.result));
}

TEST(JsonHeadParser, SeesTheSameHoweverTheOutputIsSplit) {
  for (const auto& test : cases()) {
    const std::string_view output = test.output;
    const auto whole = parse(output);
    for (std::size_t at = 0; at <= output.size(); ++at) {
      JsonHeadParser parser;
      EXPECT_EQ(parse(parser, {output.substr(0, at), output.substr(at)}), whole)
          << output << " split at " << at;
    }
  }
}

TEST(JsonHeadParser, IsAsNewAfterReset) {
  JsonHeadParser parser;
  for (const auto& test : cases()) {
    parse(parser, {test.output});
    parser.reset();
    EXPECT_EQ(parse(parser, {"{\"status\":200}\n"}), "200 @15") << test.output;
    parser.reset();
  }
}

TEST(JsonHeadParser, StopsALongLineADeepOneAndTooManyFields) {
  JsonHeadParser long_line;
  EXPECT_THAT(parse(long_line, {std::string(50 << 20, ' ')}), HasSubstr("longer than 32768 bytes"));
  EXPECT_THAT(parse(std::string(30000, '[') + "\n"), StartsWith("error: "));
  std::string many = R"({"status":200,"headers":{"x":["a")";
  for (int i = 0; i < 100; ++i) many += ",\"a\"";
  EXPECT_THAT(parse(many + "]}}\n"), HasSubstr("more than 100 header fields"));
}

TEST(JsonHeadParser, TakesALineOfExactlyTheLimit) {
  const std::string line = "{\"status\":200}\n";
  JsonHeadParser fits(AnswerLimits{.max_head_bytes = line.size()});
  EXPECT_EQ(parse(fits, {line}), "200 @15");
  for (std::size_t at = 0; at <= line.size(); ++at) {
    JsonHeadParser tight(AnswerLimits{.max_head_bytes = line.size() - 1});
    EXPECT_THAT(parse(tight, {line.substr(0, at), line.substr(at)}), HasSubstr("longer than 14"));
  }
}

}  // namespace
}  // namespace brink::wcgi
