#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "package/node.h"

namespace brink::package {

/// Builds a Node tree from parser events and keeps it within bounds: depth, number
/// of nodes, no key twice, no NUL character. Stops at the first refusal, since what
/// follows would only be its echo; a key that stands twice is an error like those
/// of the values, and its second value is left out.
class TreeBuilder {
 public:
  /// Errors go to `diagnostics`, which outlives the builder.
  explicit TreeBuilder(Diagnostics& diagnostics) : diagnostics_(&diagnostics) {}

  // Each returns false once the input is refused; the caller should stop then.
  [[nodiscard]] bool scalar(Position at, Node::Form form, std::string_view text);
  [[nodiscard]] bool null(Position at);
  [[nodiscard]] bool begin_sequence(Position at);
  [[nodiscard]] bool begin_map(Position at);
  [[nodiscard]] bool key(Position at, std::string_view text);
  /// A key that the parser knows to stand here a second time.
  [[nodiscard]] bool duplicate_key(Position at, std::string_view text);
  void end();

  [[nodiscard]] bool refuse(Position at, std::string_view message);

  /// Whether the next scalar of this map is a key.
  [[nodiscard]] bool expects_key() const;
  [[nodiscard]] bool inside_anything() const { return !open_.empty(); }

  /// The tree, or nothing if it was refused. An empty document is an empty map.
  [[nodiscard]] std::optional<Node> finish() &&;

 private:
  /// A collection that has not ended yet. Children are moved into it at their end.
  struct Open {
    Node node;
    std::string key;  ///< of the entry to come
    Position key_at;
    bool has_key = false;
    bool drops_value = false;  ///< of the entry to come
    std::unordered_map<std::string, Position> seen;
  };

  [[nodiscard]] bool count_node(Position at);
  void place(Node node);
  [[nodiscard]] bool begin(Node::Kind kind, Position at);

  Diagnostics* diagnostics_;
  bool refused_ = false;
  std::vector<Open> open_;
  Node root_;
  std::size_t nodes_ = 0;
};

}  // namespace brink::package
