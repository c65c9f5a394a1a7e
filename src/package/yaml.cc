// The only file that includes yaml-cpp. Its event interface is used, not its node
// tree: only events show duplicate keys, anchors, tags and how a scalar was quoted.
#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <sstream>

#include "package/node.h"
#include "package/syntax_advice.h"
#include "package/tree_builder.h"

namespace brink::package {
namespace {

/// Leaves yaml-cpp, whose handlers have no other way to stop the parser.
struct Stop {};

Position position(const YAML::Mark& mark) {
  return {static_cast<unsigned>(mark.line + 1), static_cast<unsigned>(mark.column + 1)};
}

/// The text as yaml-cpp counts it: without a byte order mark, every line end LF.
/// So a mark's `pos` is an index into it.
std::string normal_text(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\r') {
      out += text[i];
    } else if (i + 1 == text.size() || text[i + 1] != '\n') {
      out += '\n';
    }
  }
  return out;
}

/// Whether the quoted scalar that starts at `from` has an end: yaml-cpp takes the
/// end of the file for one. True where no quoted scalar starts.
bool quote_ends(std::string_view text, std::size_t from) {
  if (from >= text.size() || (text[from] != '"' && text[from] != '\'')) return true;
  const char quote = text[from];
  for (std::size_t i = from + 1; i < text.size(); ++i) {
    if (quote == '"' && text[i] == '\\') {
      ++i;
    } else if (text[i] == quote) {
      if (quote == '"' || i + 1 == text.size() || text[i + 1] != quote) return true;
      ++i;
    }
  }
  return false;
}

class Events final : public YAML::EventHandler {
 public:
  Events(TreeBuilder& tree, std::string_view text) : tree_(&tree), text_(text) {}

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (documents_++ != 0) {
      stop(position(mark), "a second document starts here; the file may have one, so remove it");
    }
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const Position at = position(mark);
    refuse_anchor(at, anchor);
    if (tree_->expects_key()) stop(at, "a key is missing before ':'; write KEY: VALUE");
    if (!tree_->null(at)) throw Stop{};
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    stop(position(mark), "aliases (*name) are not supported; write the value out");
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    const Position at = position(mark);
    refuse_anchor(at, anchor);
    // yaml-cpp reports "?" for plain and "!" for quoted and block scalars.
    if (tag != "?" && tag != "!") refuse_tag(at, tag);
    if (!quote_ends(text_, static_cast<std::size_t>(mark.pos)))
      stop(at, "the quote that starts here has no end; add it");
    if (tree_->expects_key()) {
      if (!tree_->key(at, value)) throw Stop{};
      return;
    }
    if (!tree_->scalar(at, tag == "?" ? Node::Form::plain : Node::Form::string, value))
      throw Stop{};
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    if (!tree_->begin_sequence(begin_collection(mark, tag, anchor))) throw Stop{};
  }
  void OnSequenceEnd() override { tree_->end(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    if (!tree_->begin_map(begin_collection(mark, tag, anchor))) throw Stop{};
  }
  void OnMapEnd() override { tree_->end(); }

 private:
  [[noreturn]] void stop(Position at, std::string_view message) {
    (void)tree_->refuse(at, message);
    throw Stop{};
  }
  void refuse_anchor(Position at, YAML::anchor_t anchor) {
    if (anchor == 0) return;
    stop(at, "anchors (&name) are not supported; write the value out");
  }
  void refuse_tag(Position at, const std::string& tag) {
    stop(at, fmt::format("tags ({}) are not supported; remove it", in_quotes(tag)));
  }
  Position begin_collection(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    const Position at = position(mark);
    refuse_anchor(at, anchor);
    if (!tag.empty() && tag != "?" && tag != "!") refuse_tag(at, tag);
    if (tree_->expects_key()) stop(at, "a key must be a plain text; write KEY: VALUE");
    return at;
  }

  TreeBuilder* tree_;
  std::string_view text_;
  int documents_ = 0;
};

}  // namespace

std::optional<Node> parse_yaml(std::string_view text, Diagnostics& diagnostics) {
  TreeBuilder tree(diagnostics);
  if (text.size() > kMaxConfigBytes) {
    (void)tree.refuse({},
                      fmt::format("the file is larger than {} bytes; shorten it", kMaxConfigBytes));
    return std::move(tree).finish();
  }
  if (text.find('\0') != std::string_view::npos) {
    (void)tree.refuse({}, "a NUL character is not allowed; the file must be UTF-8 text");
    return std::move(tree).finish();
  }
  const std::string normal = normal_text(text);
  std::istringstream input(normal);
  Events events(tree, normal);
  try {
    YAML::Parser parser(input);
    while (parser.HandleNextDocument(events)) {
    }
  } catch (const Stop&) {
    // The tree holds the reason.
  } catch (const YAML::Exception& error) {
    const Position at = position(error.mark);
    (void)tree.refuse(at, yaml_advice(error.msg, normal, at));
  } catch (const std::exception&) {
    (void)tree.refuse({}, yaml_advice("", normal, {}));
  }
  return std::move(tree).finish();
}

}  // namespace brink::package
