#pragma once

#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json.hpp>

#include "base/result.h"

/// Private to ipc's .cc files: Boost.JSON stays out of the public headers.
namespace brink::ipc {

/// A flat JSON object read field by field; each is taken out, so that what is left
/// in the end is what nobody knows. Errors (bad_request) name the key.
class JsonFields {
 public:
  /// Nesting is at most 4 deep; the whole text must be one object.
  static Result<JsonFields> parse(std::string_view text);

  Result<std::string> text(std::string_view key);
  Result<std::vector<std::string>> texts(std::string_view key, std::size_t most);

  template <std::integral Number>
  Result<Number> number(std::string_view key) {
    TRY(const boost::json::value value, take(key));
    boost::system::error_code error;
    const auto number = value.to_number<Number>(error);
    if (error || value.is_double()) return wrong(key, "must be an integer in range");
    return number;
  }

  /// Fails if a field is left.
  [[nodiscard]] Result<void> expect_end() const;

 private:
  explicit JsonFields(boost::json::object object) : object_(std::move(object)) {}

  Result<boost::json::value> take(std::string_view key);
  static std::unexpected<Error> wrong(std::string_view key, std::string_view what);

  boost::json::object object_;
};

/// The text itself if it is UTF-8; else with each byte above 127 as '?'.
std::string to_utf8(std::string_view text);

}  // namespace brink::ipc
