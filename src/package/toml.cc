// The only file that includes toml++.
//
// Version 3.3 states some things about the input as assertions, which foreign input
// breaks: "[{" aborts a debug build and is undefined behaviour in a release build.
// So its assertions stay on in every build and leave the parser by an exception.
#undef NDEBUG
namespace brink::package {
struct BrokenAssertion {};
}  // namespace brink::package
#define TOML_ASSERT(condition) \
  ((condition) ? static_cast<void>(0) : throw ::brink::package::BrokenAssertion{})
#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#include <toml++/impl/forward_declarations.h>
// Its character classes take for unreachable what U+FE7F outside of a string
// reaches: the answer there is no.
#undef TOML_UNREACHABLE
#define TOML_UNREACHABLE return false
#include <toml++/impl/unicode.h>
#undef TOML_UNREACHABLE
#define TOML_UNREACHABLE __builtin_unreachable()
#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <cctype>
#include <sstream>
#include <vector>

#include "package/node.h"
#include "package/tree_builder.h"

namespace brink::package {
namespace {

Position position(const toml::source_region& region) {
  return {region.begin.line, region.begin.column};
}

/// The first line that begins like a table but not with a key: the place of the
/// one assertion that is known to break.
Position header_without_key(std::string_view text) {
  Position at{1, 1};
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    const std::size_t open = line.find_first_not_of(" \t");
    if (open != std::string_view::npos && line[open] == '[') {
      const std::size_t key = std::min(line.find_first_not_of("[ \t", open), line.size());
      const bool is_key = key < line.size() &&
                          (line[key] == '"' || line[key] == '\'' || line[key] == '_' ||
                           line[key] == '-' || std::isalnum(static_cast<unsigned char>(line[key])));
      if (!is_key) return {at.line, static_cast<unsigned>(open + 1)};
    }
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    ++at.line;
  }
  return {};
}

template <class T>
std::string text_of(const T& value) {
  std::ostringstream out;
  out << value;
  return std::move(out).str();
}

/// Walks the tables of toml++, at most kMaxConfigDepth deep since the builder
/// refuses more.
class Walk {
 public:
  explicit Walk(TreeBuilder& tree) : tree_(&tree) {}

  bool value(const toml::node& node, Position at) {
    switch (node.type()) {
      case toml::node_type::table:
        return table(*node.as_table(), at);
      case toml::node_type::array:
        return array(*node.as_array(), at);
      case toml::node_type::string:
        return tree_->scalar(at, Node::Form::string, node.as_string()->get());
      case toml::node_type::boolean:
        return tree_->scalar(at, Node::Form::boolean, node.as_boolean()->get() ? "true" : "false");
      case toml::node_type::integer:
        return tree_->scalar(at, Node::Form::number, std::to_string(node.as_integer()->get()));
      case toml::node_type::floating_point:
        return tree_->scalar(at, Node::Form::number,
                             fmt::format("{}", node.as_floating_point()->get()));
      case toml::node_type::date:
        return tree_->scalar(at, Node::Form::date, text_of(node.as_date()->get()));
      case toml::node_type::time:
        return tree_->scalar(at, Node::Form::date, text_of(node.as_time()->get()));
      case toml::node_type::date_time:
        return tree_->scalar(at, Node::Form::date, text_of(node.as_date_time()->get()));
      case toml::node_type::none:
        break;
    }
    return tree_->null(at);
  }

 private:
  struct Member {
    std::string_view key;
    Position at;
    const toml::node* value;
  };

  bool table(const toml::table& table, Position at) {
    if (!tree_->begin_map(at)) return false;
    // toml++ keeps keys in alphabetical order; [fs] means the order of the file.
    std::vector<Member> members;
    for (const auto& [key, child] : table) {
      members.push_back({key.str(), position(key.source()), &child});
    }
    std::ranges::sort(members, {}, &Member::at);
    for (const Member& member : members) {
      // A table's own place may be that of a later [header]; its key's is the first.
      const Position at_value =
          member.value->is_table() ? member.at : position(member.value->source());
      if (!tree_->key(member.at, member.key) || !value(*member.value, at_value)) return false;
    }
    tree_->end();
    return true;
  }

  bool array(const toml::array& array, Position at) {
    if (!tree_->begin_sequence(at)) return false;
    for (const toml::node& item : array) {
      if (!value(item, position(item.source()))) return false;
    }
    tree_->end();
    return true;
  }

  TreeBuilder* tree_;
};

}  // namespace

Result<Node> parse_toml(std::string_view text, std::string_view file) {
  TreeBuilder tree(file);
  if (text.size() > kMaxConfigBytes) {
    (void)tree.refuse({}, fmt::format("the file is larger than {} bytes", kMaxConfigBytes));
    return std::move(tree).finish();
  }
  try {
    const toml::parse_result result = toml::parse(text, std::string_view(file));
    if (!result) {
      const toml::parse_error& error = result.error();
      (void)tree.refuse(position(error.source()), error.description());
    } else {
      (void)Walk(tree).value(result.table(), {1, 1});
    }
  } catch (const BrokenAssertion&) {
    (void)tree.refuse(header_without_key(text), "no key follows the '[' of this table");
  }
  return std::move(tree).finish();
}

}  // namespace brink::package
