#pragma once

#include <span>
#include <string_view>

namespace brink {

/// The known word most like `word` (at most 2 edits, a swap of neighbours being one,
/// and less than half of its length), or an empty view: for "did you mean" in error
/// messages.
std::string_view suggest(std::string_view word, std::span<const std::string_view> known);

}  // namespace brink
