#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/units.h"

namespace brink::http {

/// The text of the Date field (IMF-fixdate, RFC 9110 5.6.7), rendered again only
/// when the second has changed. One per thread.
class DateCache {
 public:
  /// "Date: Sun, 06 Nov 1994 08:49:37 GMT" with its line end. `wall`: since the
  /// Unix epoch (Clock::wall()), years 1970 to 9999. Valid until the next call.
  [[nodiscard]] std::string_view field_line(Duration wall);

  /// Only the value: "Sun, 06 Nov 1994 08:49:37 GMT".
  [[nodiscard]] std::string_view value(Duration wall);

 private:
  void render(std::int64_t second);

  static constexpr std::size_t kNameSize = 6;    // "Date: "
  static constexpr std::size_t kValueSize = 29;  // IMF-fixdate has one length
  std::int64_t second_ = -1;
  std::array<char, kNameSize + kValueSize + 2> text_{};
};

}  // namespace brink::http
