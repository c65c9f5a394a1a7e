#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/units.h"

namespace brink {

/// Appends one JSON object and a line feed to a buffer: a structured log line.
///
///   JsonLine(out).field("event", "start").field("pid", pid).end();
///
/// Strings may hold any bytes: control characters, quotes and bytes that are not
/// UTF-8 are escaped, the latter as Latin-1. Allocates only what `out` does.
class JsonLine {
 public:
  explicit JsonLine(std::string& out) : out_(out) { out_.push_back('{'); }
  JsonLine(const JsonLine&) = delete;
  JsonLine& operator=(const JsonLine&) = delete;

  JsonLine& field(std::string_view name, std::string_view value);
  JsonLine& field(std::string_view name, const char* value) {
    return field(name, std::string_view(value));
  }
  JsonLine& field(std::string_view name, std::int64_t value);
  JsonLine& field(std::string_view name, std::uint64_t value);
  JsonLine& field(std::string_view name, std::uint32_t value) {
    return field(name, std::uint64_t{value});
  }
  JsonLine& field(std::string_view name, std::int32_t value) {
    return field(name, std::int64_t{value});
  }

  /// A point in time as RFC 3339 text in UTC with microseconds; `wall` is since
  /// the Unix epoch.
  JsonLine& time(std::string_view name, Duration wall);

  /// Closes the object and ends the line.
  void end() { out_.append("}\n"); }

 private:
  void name(std::string_view name);

  std::string& out_;
  bool first_ = true;
};

}  // namespace brink
