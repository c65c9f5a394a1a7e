#include "base/suggest.h"

#include <algorithm>
#include <numeric>
#include <vector>

namespace brink {
namespace {

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0U);
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0]++;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t substitute = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({row[j] + 1, row[j + 1] + 1, substitute});
    }
  }
  return row.back();
}

}  // namespace

std::string_view suggest(std::string_view word, std::span<const std::string_view> known) {
  constexpr std::size_t kMostEdits = 2;
  constexpr std::size_t kLongestWord = 64;  // quadratic work on foreign input
  if (word.size() > kLongestWord) return {};
  std::string_view best;
  std::size_t least = kMostEdits + 1;
  for (const std::string_view candidate : known) {
    const std::size_t distance = edit_distance(word, candidate);
    if (distance < least && distance * 2 < candidate.size()) {
      least = distance;
      best = candidate;
    }
  }
  return best;
}

}  // namespace brink
