#include "wcgi/answer_parser.h"

#include <gmock/gmock.h>

namespace brink::wcgi {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

/// Everything that can be seen of a parse, as text: compared between splits.
std::string describe(const AnswerHead& head) {
  std::string text = std::to_string(head.status) + " " + std::string(head.reason);
  text += head.content_length ? " length " + std::to_string(*head.content_length) : "";
  text += head.form == AnswerForm::local_redirect ? " to " + std::string(head.local_target) : "";
  for (const auto& field : head.fields) {
    text.append("|").append(field.name).append("=").append(field.value);
  }
  return text;
}

/// Feeds pieces, up to a head or an error. "need more" says why it is not enough.
std::string parse(AnswerParser& parser, const std::vector<std::string_view>& pieces) {
  std::size_t given = 0;
  for (const auto piece : pieces) {
    const auto fed = parser.feed(piece);
    if (!fed) return "error: " + fed.error().message;
    if (fed->state == Fed::State::head) {
      return describe(parser.head()) + " @" + std::to_string(given + fed->consumed);
    }
    EXPECT_EQ(fed->consumed, piece.size());
    given += piece.size();
  }
  return "need more: " + parser.end_of_output().message;
}

std::string parse(std::string_view output) {
  AnswerParser parser;
  return parse(parser, {output});
}

struct Case {
  const char* name;
  std::string output;
  std::string result;  ///< how it starts
};

const std::vector<Case>& cases() {
  static const std::vector<Case> kCases = {
      {"LF", "Content-Type: a/b\n\nbody", "200 |Content-Type=a/b @19"},
      {"CRLF", "Content-Type: a/b\r\n\r\nbody", "200 |Content-Type=a/b @21"},
      {"mixed", "Status: 404 Not Found\r\nContent-Type: a/b\n\r\nb",
       "404 Not Found|Content-Type=a/b @43"},
      {"body of line ends", "Status: 200\n\n\n\n", "200  @13"},
      {"no space after the colon", "Content-Type:a/b\n\n", "200 |Content-Type=a/b @18"},
      {"white space around the value", "Content-Type: \t a/b \t \n\n", "200 |Content-Type=a/b @"},
      {"colons in the value", "Status: 200\nX: a:b:c\n\n", "200 |X=a:b:c @"},
      {"repeated", "Set-Cookie: a\nStatus: 200 OK\nSet-Cookie: b\n\n",
       "200 OK|Set-Cookie=a|Set-Cookie=b @"},
      {"status line", "HTTP/1.1 404 Not Found\r\nX: y\r\n\r\n", "404 Not Found|X=y @"},
      {"status line of 1.0", "HTTP/1.0 200 OK\nX: y\n\n", "200 OK|X=y @"},
      {"status line without reason", "HTTP/1.1 200\n\n", "200  @14"},
      {"status line with empty reason", "HTTP/1.1 200 \n\n", "200  @15"},
      {"status line in lower case", "http/1.1 200 fine\n\n", "200 fine @"},
      {"status line and an equal Status", "HTTP/1.1 200 OK\nStatus: 200\n\n", "200 OK @"},
      {"status line and another Status", "HTTP/1.1 200 OK\nStatus: 404\n\n",
       "error: line 2 of the program's header block: two statuses, 200 and 404"},
      {"status line that comes late", "X: y\nHTTP/1.1 200 OK\n\n", "error: line 2"},
      {"status line without status", "HTTP/1.1\n\n", "error: line 1"},
      {"status line with a letter", "HTTP/1.1 2x0 OK\n\n", "error: line 1"},
      {"status line of HTTP/2", "HTTP/2 200\n\n", "error: line 1"},
      {"interim status line", "HTTP/1.1 100 Continue\n\nHTTP/1.1 200 OK\n\n",
       "error: line 1 of the program's header block: the status 100 is not between 200 and 599"},
      {"local redirect", "Location: /a?b\n\n", "302  to /a?b @"},
      {"Content-Length", "Content-Length: 5\nStatus: 200\n\nhello", "200  length 5 @"},
      {"empty block", "\nbody", "error: the header block is empty"},
      {"empty CRLF block", "\r\nbody", "error: the header block is empty"},
      {"no CGI field", "X: y\n\nbody", "error: the header block has none of"},
      {"body only", "<!DOCTYPE html>\n<p>hi",
       "error: line 1 of the program's header block: \"<!DOCTYPE html>\" has no colon"},
      {"body with a colon", "<a href=\"x:y\">\n",
       "error: line 1 of the program's header block: \"<a"},
      {"space before the colon", "Content-Type : a/b\n\n",
       "error: line 1 of the program's header block: \"Content-Type \" is not"},
      {"continuation", "Content-Type: a/b\n and more\n\n",
       "error: line 2 of the program's header block: starts with white space"},
      {"continuation by tab", "Status: 200\n\tmore\n\n", "error: line 2"},
      {"bare CR", "Status: 200\nX: a\rb\n\n", "error: line 2"},
      {"two CRs", "Status: 200\nX: a\r\r\n\n", "error: line 2"},
      {"NUL", std::string("Status: 200\nX: a\0b\n\n", 20), "error: line 2"},
      {"no name", ": x\n\n", "error: line 1 of the program's header block: a header field without"},
      {"nothing", "", "need more: the program printed nothing"},
      {"half a line", "Content-Ty",
       "need more: the program's output ended in line 1 of its header block, after 10 bytes"},
      {"no blank line", "Content-Type: a/b\n",
       "need more: the program's output ended in line 2 of its header block, after 18 bytes"},
      {"half a blank line", "Status: 200\n\r", "need more: the program's output ended in line 2"},
  };
  return kCases;
}

TEST(AnswerParser, ReadsOrRefusesEveryFormOfHeaderBlock) {
  for (const auto& test : cases()) {
    EXPECT_THAT(parse(test.output), StartsWith(test.result)) << test.name;
  }
}

TEST(AnswerParser, SeesTheSameHoweverTheOutputIsSplit) {
  for (const auto& test : cases()) {
    const std::string_view output = test.output;
    const auto whole = parse(output);
    std::vector<std::string_view> bytes;
    for (std::size_t i = 0; i < output.size(); ++i) bytes.push_back(output.substr(i, 1));
    AnswerParser by_byte;
    EXPECT_EQ(parse(by_byte, bytes), whole) << test.name;
    for (std::size_t at = 0; at <= output.size(); ++at) {
      AnswerParser parser;
      EXPECT_EQ(parse(parser, {output.substr(0, at), output.substr(at)}), whole)
          << test.name << " split at " << at;
    }
  }
}

TEST(AnswerParser, IsAsNewAfterReset) {
  AnswerParser parser;
  for (const auto& before : cases()) {
    parse(parser, {before.output});
    parser.reset();
    EXPECT_EQ(parse(parser, {"Content-Type: a/b\n\n"}), "200 |Content-Type=a/b @19") << before.name;
    parser.reset();
  }
}

TEST(AnswerParser, TakesAHeadOfExactlyTheLimitAndNoByteMore) {
  const std::string head = "Status: 200\nX: 0123456789\n\n";
  AnswerParser fits(AnswerLimits{.max_head_bytes = head.size()});
  EXPECT_THAT(parse(fits, {head}), StartsWith("200"));
  for (std::size_t at = 0; at <= head.size(); ++at) {
    AnswerParser tight(AnswerLimits{.max_head_bytes = head.size() - 1});
    EXPECT_THAT(parse(tight, {head.substr(0, at), head.substr(at)}), HasSubstr("is longer than 26"))
        << at;
  }
}

TEST(AnswerParser, StopsAHeaderBombEarly) {
  const std::string_view lines = "X-Filler: 0123456789012345678901234567890123456789\n";
  std::string bomb;
  while (bomb.size() < 1 << 20) bomb += lines;
  AnswerParser many_fields;
  EXPECT_THAT(parse(many_fields, {bomb}), HasSubstr("more than 100 header fields"));
  AnswerParser long_line;
  EXPECT_THAT(parse(long_line, {std::string(100 << 20, 'x')}),
              HasSubstr("longer than 32768 bytes"));
  AnswerParser slow_line;
  std::size_t given = 0;
  for (;; given += 1024) {
    ASSERT_LE(given, std::size_t{32} << 10);
    if (!slow_line.feed(std::string(1024, 'x'))) break;
  }
}

TEST(AnswerParser, CountsStatusAmongTheFields) {
  AnswerParser parser(AnswerLimits{.max_fields = 2});
  EXPECT_THAT(parse(parser, {"Status: 200\nX: y\nZ: z\n\n"}), HasSubstr("line 3"));
}

TEST(AnswerParser, SaysWhatToDoAboutAMissingHeader) {
  AnswerParser parser;
  const auto fed = parser.feed("hello\n");
  ASSERT_FALSE(fed);
  EXPECT_EQ(fed.error().code, ErrorCode::guest_bad_answer);
  EXPECT_THAT(fed.error().remedy, HasSubstr("blank line"));
  EXPECT_THAT(AnswerParser().end_of_output().remedy, HasSubstr("Content-Type: text/plain"));
}

TEST(AnswerParser, ShowsForeignBytesOnlyInPart) {
  AnswerParser parser;
  const auto fed = parser.feed("\x1b]0;title\x07" + std::string(500, 'x') + "\n");
  ASSERT_FALSE(fed);
  EXPECT_EQ(fed.error().message.find('\x1b'), std::string::npos);
  EXPECT_LT(fed.error().message.size(), 150);
}

}  // namespace
}  // namespace brink::wcgi
