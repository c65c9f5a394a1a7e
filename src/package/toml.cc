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
#include "package/syntax_advice.h"
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

/// A key that stood twice and has another name now, so that the file can be read.
struct Renamed {
  std::string name;
  std::string original;
  Position at;
  bool reported = false;
};

/// Walks the tables of toml++, at most kMaxConfigDepth deep since the builder
/// refuses more.
class Walk {
 public:
  Walk(TreeBuilder& tree, std::vector<Renamed>& renamed) : tree_(&tree), renamed_(&renamed) {}

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
      if (!key(member) || !value(*member.value, at_value)) return false;
    }
    tree_->end();
    return true;
  }

  bool key(const Member& member) {
    const auto twice = std::ranges::find(*renamed_, member.key, &Renamed::name);
    if (twice == renamed_->end()) return tree_->key(member.at, member.key);
    twice->reported = true;
    return tree_->duplicate_key(twice->at, twice->original);
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
  std::vector<Renamed>* renamed_;
};

constexpr std::string_view kNewName = "brink-duplicate-";

/// A part of the text: the last segment of a key.
struct Segment {
  std::size_t from;
  std::size_t to;
};

/// The segment that ends before `to`, at which '=' or ']' stands.
std::optional<Segment> segment_before(std::string_view text, std::size_t to) {
  const auto is_bare = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-';
  };
  while (to > 0 && (text[to - 1] == ' ' || text[to - 1] == '\t')) --to;
  std::size_t from = to;
  if (to > 1 && (text[to - 1] == '"' || text[to - 1] == '\'')) {
    from = text.rfind(text[to - 1], to - 2);
    if (from == std::string_view::npos) return std::nullopt;
  } else {
    while (from > 0 && is_bare(text[from - 1])) --from;
  }
  return from == to ? std::nullopt : std::optional(Segment{from, to});
}

/// The key that toml++ refuses at `at`: of a table's header, where it starts; of a
/// value, behind the '='.
std::optional<Segment> refused_key(std::string_view text, Position at) {
  std::size_t offset = offset_of(text, at);
  if (offset < text.size() && text[offset] == '[' &&
      text.substr(0, offset).find_last_not_of(" \t\n\r") ==
          text.substr(0, offset_of(text, {at.line, 1})).find_last_not_of(" \t\n\r")) {
    offset = text.find(']', offset);
    return offset == std::string_view::npos ? std::nullopt : segment_before(text, offset);
  }
  offset = text.substr(0, offset).find_last_not_of(" \t");
  if (offset == std::string_view::npos || text[offset] != '=') return std::nullopt;
  return segment_before(text, offset);
}

Position place_of(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, offset);
  const std::size_t line = before.rfind('\n') + 1;
  const auto is_lead = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; };
  return {static_cast<unsigned>(std::ranges::count(before, '\n') + 1),
          static_cast<unsigned>(std::ranges::count_if(before.substr(line), is_lead) + 1)};
}

/// toml++ gives up at a key that stands twice: it gets a new name, and the file is
/// read again. False where that is not the trouble, or would not end.
bool rename_duplicate(const toml::parse_error& error, std::string& text,
                      std::vector<Renamed>& renamed) {
  const std::string_view found = error.description();
  if (!found.contains("cannot redefine existing") || found.contains(" as ")) return false;
  if (renamed.size() == Diagnostics::kMost) return false;
  const auto key = refused_key(text, position(error.source()));
  if (!key) return false;
  std::string original = text.substr(key->from, key->to - key->from);
  if (original.starts_with(kNewName)) return false;
  const Position at = place_of(text, key->from);
  if (original.front() == '"' || original.front() == '\'') {
    original = original.substr(1, original.size() - 2);
  }
  renamed.push_back(
      {fmt::format("{}{}", kNewName, renamed.size()), std::move(original), at, false});
  text.replace(key->from, key->to - key->from, renamed.back().name);
  return true;
}

/// Parses and walks; throws BrokenAssertion.
void read(std::string text, TreeBuilder& tree, Diagnostics& diagnostics) {
  std::vector<Renamed> renamed;
  toml::parse_result result = toml::parse(text);
  while (!result && rename_duplicate(result.error(), text, renamed)) result = toml::parse(text);
  if (result) (void)Walk(tree, renamed).value(result.table(), {1, 1});
  for (const Renamed& key : renamed) {
    if (key.reported) continue;
    diagnostics.error(
        key.at, {},
        fmt::format("key {} stands here twice; remove one of them", in_quotes(key.original)));
  }
  if (result) return;
  const Position at = position(result.error().source());
  (void)tree.refuse(at, toml_advice(result.error().description(), text, at));
}

}  // namespace

std::optional<Node> parse_toml(std::string_view text, Diagnostics& diagnostics) {
  TreeBuilder tree(diagnostics);
  if (text.size() > kMaxConfigBytes) {
    (void)tree.refuse({},
                      fmt::format("the file is larger than {} bytes; shorten it", kMaxConfigBytes));
    return std::move(tree).finish();
  }
  try {
    read(std::string(text), tree, diagnostics);
  } catch (const BrokenAssertion&) {
    (void)tree.refuse(header_without_key(text),
                      "no key follows the '[' of this table; write [name], or [[name]]");
  }
  return std::move(tree).finish();
}

}  // namespace brink::package
