#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace brink::http {

/// One line of a golden corpus: name | expected outcome | bytes.
struct CorpusCase {
  std::string name;
  std::string expected;
  std::string bytes;  ///< escapes resolved
};

/// Reads testdata/`file`; fails the running test if it is malformed.
std::vector<CorpusCase> read_corpus(std::string_view file);

/// "400 two Host fields", as the corpora write refusals.
std::string describe(const Error& error);

/// `bytes` cut into pieces: whole, byte by byte, and in two at every place.
std::vector<std::vector<std::string_view>> all_cuts(std::string_view bytes);

}  // namespace brink::http
