#include "package/syntax_advice.h"

#include <algorithm>
#include <array>
#include <span>

namespace brink::package {
namespace {

/// What we say when the library's message contains `found`. The first row counts.
struct Advice {
  std::string_view found;
  std::string_view text;
};

constexpr std::array kToml = {
    Advice{"cannot insert",
           "this table was written in braces above and takes no more keys; put them into the "
           "braces"},
    Advice{"as array-of-tables",
           "this name stands above as something else than [[…]]; use another name, or write both "
           "as [[…]]"},
    Advice{"existing array",
           "this name stands above as a list; write [[…]] with two brackets here, or use another "
           "name"},
    Advice{" as ", "this name has a value above, which has no keys in it; use another name"},
    Advice{"cannot redefine", "this key stands here twice; remove one of them"},
    Advice{"expected value, saw", "a value is missing behind '='; write one, or remove the line"},
    Advice{"key-value pair: encountered end",
           "the file ends before this key has its value; write key = value"},
    Advice{"could not determine value type",
           "this is no value; put a text in quotes, for example key = \"text\""},
    Advice{"parsing boolean", "this is no value; write true or false, or put a text in quotes"},
    Advice{"parsing infinity", "this is no value; put a text in quotes"},
    Advice{"parsing nan", "this is no value; put a text in quotes"},
    Advice{"expected '=', saw ':'", "a key is followed by '=' here, not by ':'; write key = value"},
    Advice{"expected '='", "'=' is missing behind this key; write key = value"},
    Advice{"unknown escape",
           "this escape is not known; write \\\\ for a backslash, or put the "
           "text in single quotes"},
    Advice{"hex digit", "this escape names no character; write the character itself"},
    Advice{"surrogates", "this escape names no character; write the character itself"},
    Advice{"U+10FFFF", "this escape names no character; write the character itself"},
    Advice{"utf-8", "this is not UTF-8; save the file with that encoding"},
    Advice{"string: encountered end-of-file",
           "the quote that starts the last text has no end; add it"},
    Advice{"control character", "a control character is not allowed here; remove it"},
    Advice{"parsing table header: expected ']'",
           "this table's name has no end; write [name], or "
           "[[name]] for one of several"},
    Advice{"parsing table header: encountered",
           "this table's name has no end; write [name], or [[name]] for one of several"},
    Advice{"parsing table header: expected a comment",
           "nothing may follow a table's name on its line; put it on the next one"},
    Advice{"blank bare keys", "a table's name is empty; write [name]"},
    Advice{"parsing key:", "this cannot be in a key; put it in quotes, or write key = value"},
    Advice{"expected keys, tables",
           "neither a key nor a [table] begins like this; write key = value, or # before a remark"},
    Advice{
        "expected a comment",
        "nothing may follow a value on its line; put it on the next one, or all of it in quotes"},
    Advice{"parsing array", "a list is not closed, or lacks a comma here; write [a, b]"},
    Advice{"parsing inline table",
           "a table in braces is not closed on its line, or has a comma too few or too many; write "
           "{a = 1, b = 2}"},
    Advice{"leading zeroes", "a number has no leading zeroes; remove them, or put it in quotes"},
    Advice{"not representable",
           "this number is too large; write a smaller one, or put it in "
           "quotes"},
    Advice{"integer", "this is no number; mend it, or put it in quotes"},
    Advice{"floating-point", "this is no number; mend it, or put it in quotes"},
    Advice{"date", "this is no date; write it like 2026-01-31, or put it in quotes"},
    Advice{"time", "this is no time; write it like 12:30:00, or put it in quotes"},
    Advice{"nested value depth", "values are nested more than 64 deep; flatten them"},
    Advice{"end-of-file", "the file ends in the middle of this; complete it"},
    Advice{"", "this is not TOML; write key = value, with texts in quotes"},
};

constexpr std::string_view kYamlIndent =
    "this line does not fit the ones above; give it the indentation of its neighbours, or put the "
    "whole value in quotes";
constexpr std::array kYaml = {
    Advice{"tab", "a tab stands in the indentation; indent with spaces"},
    Advice{"map value",
           "a ':' is not expected here; check the indentation, and put a text that "
           "contains ': ' in quotes"},
    Advice{"block entry",
           "a list cannot begin here; put each '- ' on a line of its own below the "
           "key"},
    Advice{"end of sequence flow",
           "a list in brackets is not closed, or lacks a comma; write "
           "[a, b]"},
    Advice{"end of map flow",
           "a map in braces is not closed, or lacks a comma; write {a: 1, b: 2}"},
    Advice{"flow end", "this bracket closes nothing; remove it, or put the text in quotes"},
    Advice{"end of map", kYamlIndent},
    Advice{"end of sequence", kYamlIndent},
    Advice{"map key", kYamlIndent},
    Advice{"escape",
           "this escape is not known; write \\\\ for a backslash, or put the text in "
           "single quotes"},
    Advice{"hex number", "this escape names no character; write the character itself"},
    Advice{"invalid unicode", "this escape names no character; write the character itself"},
    Advice{"unknown token", "a value cannot begin with this character; put it in quotes"},
    Advice{"anchor",
           "anchors (&name) and aliases (*name) are not supported; write the value out, "
           "or put it in quotes"},
    Advice{"alias",
           "anchors (&name) and aliases (*name) are not supported; write the value out, "
           "or put it in quotes"},
    Advice{"directive", "directives (%) are not supported; remove the line"},
    Advice{"YAML ", "directives (%) are not supported; remove the line"},
    Advice{"tag", "tags (!name) are not supported; remove it, or put the value in quotes"},
    Advice{"TAG", "directives (%) are not supported; remove the line"},
    Advice{"block scalar",
           "only +, - and one digit from 1 to 9 may follow | or >; remove the "
           "rest"},
    Advice{"scalar", "a quoted text has no end; add the quote"},
    Advice{"", "this is not YAML; check the indentation and the quotes"},
};

std::string_view advice(std::span<const Advice> rows, std::string_view found) {
  return std::ranges::find_if(rows, [&](const Advice& row) { return found.contains(row.found); })
      ->text;
}

}  // namespace

std::size_t offset_of(std::string_view text, Position at) {
  std::size_t from = 0;
  for (unsigned line = 1; line < at.line; ++line) {
    const std::size_t end = text.find('\n', from);
    if (end == std::string_view::npos) return text.size();
    from = end + 1;
  }
  for (unsigned column = 1; column < at.column && from < text.size(); ++column) {
    ++from;
    while (from < text.size() && (static_cast<unsigned char>(text[from]) & 0xC0) == 0x80) ++from;
  }
  return from;
}

std::string toml_advice(std::string_view found, std::string_view text, Position at) {
  const std::size_t offset = offset_of(text, at);
  const bool line_ends = offset >= text.size() || text[offset] == '\n' || text[offset] == '\r';
  if (line_ends && found.contains("string: ")) {
    return "the quote that was opened has no end; add it on the same line";
  }
  return std::string(advice(kToml, found));
}

std::string yaml_advice(std::string_view found, std::string_view text, Position at) {
  // The library takes a tab at the start of a line for a part of the value above.
  const std::size_t line = offset_of(text, {at.line, 1});
  const std::size_t begin = std::min(text.find_first_not_of(" \t", line), text.size());
  if (line < text.size() && text.substr(line, begin - line).contains('\t')) found = "tab";
  return std::string(advice(kYaml, found));
}

}  // namespace brink::package
