#include "base/suggest.h"

#include <algorithm>
#include <numeric>
#include <vector>

namespace brink {
namespace {

/// Insertions, deletions, replacements and swaps of neighbours from `a` to `b`.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1);  // two rows up
  std::vector<std::size_t> above(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(above.begin(), above.end(), 0U);
  for (std::size_t i = 0; i < a.size(); ++i) {
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      row[j + 1] = std::min({row[j] + 1, above[j + 1] + 1, above[j] + (a[i] == b[j] ? 0U : 1U)});
      const bool swapped = i > 0 && j > 0 && a[i] == b[j - 1] && a[i - 1] == b[j];
      if (swapped) row[j + 1] = std::min(row[j + 1], before[j - 1] + 1);
    }
    before.swap(above);
    above.swap(row);
  }
  return above.back();
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
