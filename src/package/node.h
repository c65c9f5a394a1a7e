#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "package/diagnostics.h"

namespace brink::package {

struct Entry;

/// One value of a YAML or TOML file, independent of the parser. Scalars keep
/// their text: what `NO` or `1.10` means is decided by the key it is read for.
struct Node {
  enum class Kind : std::uint8_t { null, scalar, sequence, map };
  /// How a scalar was written. YAML knows plain and string, TOML all but plain.
  enum class Form : std::uint8_t { plain, string, boolean, number, date };

  Kind kind = Kind::null;
  Form form = Form::plain;
  Position at;
  std::string text;            ///< scalar: its text, without a NUL character
  std::vector<Node> items;     ///< sequence
  std::vector<Entry> entries;  ///< map: in the order of the file, no key twice

  /// The value of `key` in a map, or nullptr.
  [[nodiscard]] const Node* find(std::string_view key) const;
};

/// One key of a map and its value.
struct Entry {
  std::string key;
  Position at;
  Node value;
};

/// What a configuration file may have at most; more is an error.
inline constexpr std::size_t kMaxConfigBytes = 1'000'000;
inline constexpr std::size_t kMaxConfigDepth = 64;
inline constexpr std::size_t kMaxConfigNodes = 100'000;

/// Reads one YAML 1.2 document whose top is a map (or nothing). Anchors, aliases,
/// tags, a second document and NUL characters are refused: an error is reported and
/// there is no tree. A duplicate key is an error, too, but leaves a tree with its
/// first value, so that whoever reads that finds the file's other errors.
/// Thread-safe.
std::optional<Node> parse_yaml(std::string_view text, Diagnostics& diagnostics);

/// Reads one TOML 1.0 document, under the same bounds. Thread-safe.
std::optional<Node> parse_toml(std::string_view text, Diagnostics& diagnostics);

}  // namespace brink::package
