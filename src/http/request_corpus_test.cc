#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "http/corpus_for_tests.h"
#include "http/request_parser.h"

namespace brink::http {
namespace {

std::string summary(const RequestHead& head, std::size_t rest) {
  std::string text = "ok " + std::string(head.method) + " " + std::string(head.path);
  if (head.has_query) text += "?" + std::string(head.query);
  text += " host=" + std::string(head.authority);
  text += head.version == Version::http11 ? " 1.1" : " 1.0";
  text += head.persistence == Persistence::keep_alive ? " keep" : " close";
  switch (head.framing) {
    case BodyFraming::none:
      text += " none";
      break;
    case BodyFraming::length:
      text += " length=" + std::to_string(head.content_length);
      break;
    case BodyFraming::chunked:
      text += " chunked";
      break;
  }
  if (head.expects_continue) text += " continue";
  if (rest != 0) text += " rest=" + std::to_string(rest);
  return text;
}

/// Parses pieces as a connection does: each one appended to a buffer, which
/// moves in memory every time.
std::string outcome(const std::vector<std::string_view>& pieces) {
  RequestParser parser{RequestLimits{}};
  std::string buffered;
  std::size_t total = 0;
  for (const std::string_view piece : pieces) total += piece.size();
  for (const std::string_view piece : pieces) {
    std::string grown = buffered + std::string(piece);
    buffered.swap(grown);
    std::fill(grown.begin(), grown.end(), '!');
    const Result<const RequestHead*> parsed = parser.parse(buffered);
    if (!parsed) return describe(parsed.error());
    if (*parsed != nullptr) return summary(**parsed, total - (*parsed)->bytes);
  }
  return "more";
}

TEST(RequestCorpus, EndsEachCaseAsExpectedHoweverItIsCut) {
  const std::vector<CorpusCase> corpus = read_corpus("requests.txt");
  EXPECT_GE(corpus.size(), 200U);
  for (const CorpusCase& each : corpus) {
    for (const auto& pieces : all_cuts(each.bytes)) {
      const std::string actual = outcome(pieces);
      if (actual == each.expected) continue;
      ADD_FAILURE() << each.name << " in " << pieces.size() << " pieces, the first of "
                    << (pieces.empty() ? 0 : pieces[0].size()) << " bytes\n  expected "
                    << each.expected << "\n  actual   " << actual;
      break;
    }
  }
}

TEST(RequestCorpus, GivesEachCaseItsOwnName) {
  std::set<std::string> names;
  for (const CorpusCase& each : read_corpus("requests.txt")) {
    EXPECT_TRUE(names.insert(each.name).second) << each.name;
  }
}

}  // namespace
}  // namespace brink::http
