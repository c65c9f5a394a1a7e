#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/units.h"
#include "package/diagnostics.h"
#include "package/node.h"

namespace brink::package {

/// Both ends belong to the range.
struct IntegerRange {
  std::uint64_t min;
  std::uint64_t max;
};

/// Reads one map strictly: each getter makes its key known, and finish() reports
/// every key that no getter asked for. A getter answers nothing when the key is
/// absent or its value is wrong; the latter is reported to the Diagnostics, so
/// callers go on and collect all errors. An empty value (`key:`) counts as
/// absent for maps and lists and is an error for scalars.
/// Refers to the node and the diagnostics, which must outlive it.
class MapReader {
 public:
  MapReader(const Node& map, std::string path, Diagnostics& diagnostics)
      : map_(&map), path_(std::move(path)), diagnostics_(&diagnostics) {}

  std::optional<std::string> string(std::string_view key);
  /// As string(), but its absence is an error, and so is an empty text.
  std::string required_string(std::string_view key);
  /// Only `true` and `false`, without quotes.
  std::optional<bool> boolean(std::string_view key);
  std::optional<std::uint64_t> integer(std::string_view key, IntegerRange range);
  std::optional<Duration> duration(std::string_view key);
  std::optional<ByteSize> byte_size(std::string_view key);
  /// The index in `words` of the text that stands there.
  std::optional<std::size_t> one_of(std::string_view key, std::span<const std::string_view> words);
  std::optional<std::vector<std::string>> strings(std::string_view key);
  std::optional<MapReader> map(std::string_view key);
  /// A list of maps; empty when absent. `list_remedy` goes behind "must be a list".
  std::vector<MapReader> maps(std::string_view key,
                              std::string_view list_remedy = "; begin each entry with '- '");
  /// The raw value for readers of their own, or nullptr. Makes the key known.
  const Node* any(std::string_view key);

  /// Reports the keys nobody asked for, with the nearest known one.
  void finish();

  void error(std::string_view key, std::string_view message);
  void warn(std::string_view key, std::string_view message);
  [[nodiscard]] bool has(std::string_view key) const { return map_->find(key) != nullptr; }
  [[nodiscard]] const Node& node() const { return *map_; }
  [[nodiscard]] Diagnostics& diagnostics() const { return *diagnostics_; }
  /// "scaling.mode" for the key `mode` of the map at `scaling`.
  [[nodiscard]] std::string path_of(std::string_view key) const;

 private:
  /// The scalar at `key`, if it is there and of a form that `forms` allows.
  const Node* scalar(std::string_view key, std::span<const Node::Form> forms,
                     std::string_view wanted);
  [[nodiscard]] Position position_of(std::string_view key) const;

  const Node* map_;
  std::string path_;
  Diagnostics* diagnostics_;
  std::vector<std::string_view> known_;  // literals of the callers
};

}  // namespace brink::package
