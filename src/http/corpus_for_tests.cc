#include "http/corpus_for_tests.h"

#include <gtest/gtest.h>

#include <fstream>

#include "http/chars.h"

namespace brink::http {
namespace {

std::string unescape(std::string_view text) {
  std::string bytes;
  while (!text.empty()) {
    const char c = text.front();
    const char kind = c == '\\' && text.size() > 1 ? text[1] : '\0';
    std::size_t used = 2;
    if (kind == '\0') {
      bytes.push_back(c);
      used = 1;
    } else if (kind == 'x' && text.size() >= 4) {
      bytes.push_back(static_cast<char>(hex_value(text[2]) * 16 + hex_value(text[3])));
      used = 4;
    } else {
      EXPECT_NE(std::string_view("rnt\\").find(kind), std::string_view::npos) << text;
      bytes.push_back(kind == 'r' ? '\r' : kind == 'n' ? '\n' : kind == 't' ? '\t' : '\\');
    }
    text.remove_prefix(used);
  }
  return bytes;
}

}  // namespace

std::vector<CorpusCase> read_corpus(std::string_view file) {
  constexpr std::string_view kBar = " | ";
  std::vector<CorpusCase> cases;
  std::ifstream in(std::string(BRINK_HTTP_TESTDATA "/") + std::string(file));
  EXPECT_TRUE(in) << file;
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line.front() == '#') continue;
    const std::size_t first = line.find(kBar);
    const std::size_t second = line.find(kBar, first + kBar.size());
    if (second == std::string::npos) {
      ADD_FAILURE() << "not a case: " << line;
      continue;
    }
    cases.push_back({line.substr(0, first),
                     line.substr(first + kBar.size(), second - first - kBar.size()),
                     unescape(std::string_view(line).substr(second + kBar.size()))});
  }
  return cases;
}

std::string describe(const Error& error) {
  return std::to_string(traits(error.code).status) + " " + error.message;
}

std::vector<std::vector<std::string_view>> all_cuts(std::string_view bytes) {
  std::vector<std::vector<std::string_view>> cuts = {{bytes}, {}};
  for (std::size_t i = 0; i < bytes.size(); ++i) cuts[1].push_back(bytes.substr(i, 1));
  for (std::size_t i = 1; i < bytes.size(); ++i) {
    cuts.push_back({bytes.substr(0, i), bytes.substr(i)});
  }
  return cuts;
}

}  // namespace brink::http
