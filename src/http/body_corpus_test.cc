#include <gtest/gtest.h>

#include <string>

#include "http/body_decoder.h"
#include "http/corpus_for_tests.h"

namespace brink::http {
namespace {

RequestLimits corpus_limits() {
  RequestLimits limits;
  limits.max_body = 100_B;
  limits.max_chunk_extension_bytes = 64_B;
  limits.max_trailer_bytes = 128_B;
  limits.max_trailer_fields = 4;
  return limits;
}

std::string outcome(const std::vector<std::string_view>& pieces) {
  BodyDecoder decoder;
  decoder.begin(BodyFraming::chunked, 0, corpus_limits());
  std::string data;
  std::size_t rest = 0;
  for (std::string_view input : pieces) {
    BodyPiece piece;
    do {
      Result<BodyPiece> fed = decoder.feed(input);
      if (!fed) return describe(fed.error());
      piece = *fed;
      input.remove_prefix(piece.consumed);
      data += piece.data;
    } while (piece.state == BodyPiece::State::data);
    rest += input.size();
  }
  std::string text = (decoder.done() ? "ok [" : "more [") + data + "]";
  for (const Field& field : decoder.trailers().fields()) {
    text += " " + std::string(field.name) + "=" + std::string(field.value);
  }
  if (rest != 0) text += " rest=" + std::to_string(rest);
  return text;
}

/// The corpus writes data with line ends as escapes.
std::string escape(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '\r') {
      escaped += "\\r";
    } else if (c == '\n') {
      escaped += "\\n";
    } else {
      escaped += c;
    }
  }
  return escaped;
}

TEST(ChunkedBodyCorpus, EndsEachCaseAsExpectedHoweverItIsCut) {
  const std::vector<CorpusCase> corpus = read_corpus("bodies.txt");
  EXPECT_GE(corpus.size(), 50U);
  for (const CorpusCase& each : corpus) {
    for (const auto& pieces : all_cuts(each.bytes)) {
      const std::string actual = escape(outcome(pieces));
      if (actual == each.expected) continue;
      ADD_FAILURE() << each.name << " in " << pieces.size() << " pieces\n  expected "
                    << each.expected << "\n  actual   " << actual;
      break;
    }
  }
}

}  // namespace
}  // namespace brink::http
