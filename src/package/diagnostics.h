#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace brink::package {

/// A place in a configuration file; both count from 1, columns in characters as
/// the parser counts them. {0, 0} means the file as a whole.
struct Position {
  unsigned line = 0;
  unsigned column = 0;
  auto operator<=>(const Position&) const = default;
};

/// `text` in single quotes for a message: control characters become '?', and
/// what is longer than 80 bytes is cut, since the text comes from anywhere.
std::string in_quotes(std::string_view text);

/// All that is wrong with one configuration file, so that its author mends
/// everything in one go. Each entry is one line:
/// `file:line:column: path.to.key: message`.
/// At most kMost errors and as many warnings are kept; more are only counted.
class Diagnostics {
 public:
  static constexpr std::size_t kMost = 20;

  explicit Diagnostics(std::string file) : file_(std::move(file)) {}

  /// `path` may be empty: then the line has no such part.
  void error(Position at, std::string_view path, std::string_view message);
  void warn(Position at, std::string_view path, std::string_view message);

  /// Takes over what was found in another file that this one names.
  void add(const Diagnostics& other);

  [[nodiscard]] std::size_t error_count() const { return error_count_; }
  [[nodiscard]] const std::string& file() const { return file_; }
  [[nodiscard]] const std::vector<std::string>& warnings() const { return warnings_; }

  /// The errors as one config_invalid Error: one line of message per error, in the
  /// order of the file.
  [[nodiscard]] Error to_error() const;

 private:
  [[nodiscard]] std::string line(Position at, std::string_view path,
                                 std::string_view message) const;

  struct Found {
    Position at;
    std::string text;
  };

  std::string file_;
  std::vector<Found> errors_;
  std::vector<std::string> warnings_;
  std::size_t error_count_ = 0;
};

}  // namespace brink::package
