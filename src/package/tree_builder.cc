#include "package/tree_builder.h"

#include <fmt/format.h>

#include <utility>

#include "base/check.h"

namespace brink::package {

bool TreeBuilder::refuse(Position at, std::string_view message) {
  if (!refused_) diagnostics_->error(at, {}, message);
  refused_ = true;
  return false;
}

bool TreeBuilder::count_node(Position at) {
  if (refused_) return false;
  if (++nodes_ <= kMaxConfigNodes) return true;
  return refuse(at, fmt::format("the file has more than {} values; shorten it", kMaxConfigNodes));
}

bool TreeBuilder::expects_key() const {
  return !open_.empty() && open_.back().node.kind == Node::Kind::map && !open_.back().has_key;
}

void TreeBuilder::place(Node node) {
  if (open_.empty()) {
    root_ = std::move(node);
    return;
  }
  Open& parent = open_.back();
  if (parent.node.kind == Node::Kind::sequence) {
    parent.node.items.push_back(std::move(node));
    return;
  }
  BRINK_CHECK(parent.has_key);
  parent.has_key = false;
  if (std::exchange(parent.drops_value, false)) return;
  parent.node.entries.push_back({std::move(parent.key), parent.key_at, std::move(node)});
}

bool TreeBuilder::scalar(Position at, Node::Form form, std::string_view text) {
  if (!count_node(at)) return false;
  if (text.find('\0') != std::string_view::npos)
    return refuse(at, "a NUL character is not allowed; remove it");
  place({Node::Kind::scalar, form, at, std::string(text), {}, {}});
  return true;
}

bool TreeBuilder::null(Position at) {
  if (!count_node(at)) return false;
  // Parsers find nothing only at the next token; the key is the better place.
  if (!open_.empty() && open_.back().has_key) at = open_.back().key_at;
  place({Node::Kind::null, Node::Form::plain, at, {}, {}, {}});
  return true;
}

bool TreeBuilder::begin(Node::Kind kind, Position at) {
  if (!count_node(at)) return false;
  if (open_.size() == kMaxConfigDepth) {
    return refuse(
        at, fmt::format("values are nested more than {} deep; flatten them", kMaxConfigDepth));
  }
  Open& opened = open_.emplace_back();
  opened.node.kind = kind;
  opened.node.at = at;
  return true;
}

bool TreeBuilder::begin_sequence(Position at) { return begin(Node::Kind::sequence, at); }
bool TreeBuilder::begin_map(Position at) { return begin(Node::Kind::map, at); }

bool TreeBuilder::key(Position at, std::string_view text) {
  if (!count_node(at)) return false;
  BRINK_CHECK(expects_key());
  if (text.find('\0') != std::string_view::npos)
    return refuse(at, "a NUL character is not allowed; remove it");
  Open& map = open_.back();
  const auto [first, is_new] = map.seen.try_emplace(std::string(text), at);
  if (!is_new) return duplicate_key(at, text);
  map.key = text;
  map.key_at = at;
  map.has_key = true;
  return true;
}

bool TreeBuilder::duplicate_key(Position at, std::string_view text) {
  BRINK_CHECK(expects_key());
  Open& map = open_.back();
  const auto first = map.seen.find(std::string(text));
  const std::string where =
      first == map.seen.end() ? "" : fmt::format(", first in line {}", first->second.line);
  diagnostics_->error(
      at, {},
      fmt::format("key {} stands here twice{}; remove one of them", in_quotes(text), where));
  map.key_at = at;
  map.has_key = true;
  map.drops_value = true;
  return true;
}

void TreeBuilder::end() {
  BRINK_CHECK(!open_.empty());
  Node done = std::move(open_.back().node);
  open_.pop_back();
  place(std::move(done));
}

std::optional<Node> TreeBuilder::finish() && {
  if (refused_) return std::nullopt;
  BRINK_CHECK(open_.empty());
  if (root_.kind == Node::Kind::null) root_.kind = Node::Kind::map;
  if (root_.kind != Node::Kind::map) {
    diagnostics_->error(root_.at, {},
                        "the file must be a map of keys and values; write KEY: VALUE, with a space "
                        "behind the colon");
    return std::nullopt;
  }
  return std::move(root_);
}

}  // namespace brink::package
