#include "package/syntax_advice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "package/node.h"

namespace brink::package {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

struct Case {
  const char* text;
  const char* begins;
  const char* advises;
};

TEST(TomlAdvice, SaysPlaceCauseAndRemedy) {
  for (const auto& [text, begins, advises] : {
           Case{"x = \n", "f:1:5: a value is missing", "write one"},
           Case{"x = ", "f:1:5: the file ends before this key has its value", "key = value"},
           Case{"x", "f:1:2: the file ends before this key has its value", "key = value"},
           Case{"x = 'a", "f:1:7: the quote", "add it"},
           Case{"x = 'a\n", "f:1:7: the quote", "add it"},
           Case{"x = '''a", "f:1:9: the quote", "add it"},
           Case{"x = \"a\\q\"", "f:1:8: this escape", "single quotes"},
           Case{"x = \"\\u12\"", "f:1:10: this escape", "the character itself"},
           Case{"x = a.wasm", "f:1:5: this is no value", "in quotes"},
           Case{"x = tru", "f:1:8: this is no value", "true or false"},
           Case{"x: 1", "f:1:2: a key is followed by '='", "key = value"},
           Case{"x 1", "f:1:3: '=' is missing", "key = value"},
           Case{"[a", "f:1:3: this table's name has no end", "[name]"},
           Case{"[a] b", "f:1:5: nothing may follow a table", "next one"},
           Case{"[]", "f:1:2: a table's name is empty", "[name]"},
           Case{"a=1 b=2", "f:1:5: nothing may follow a value", "next one"},
           Case{"x=[1,2\ny=3", "f:2:1: a list is not closed", "[a, b]"},
           Case{"x={a=1,}", "f:1:8: a table in braces", "{a = 1, b = 2}"},
           Case{"x={a=1", "f:1:7: a table in braces", "{a = 1, b = 2}"},
           Case{"x=01", "f:1:5: a number has no leading zeroes", "in quotes"},
           Case{"x=99999999999999999999", "f:1:23: this number is too large", "smaller"},
           Case{"x=1979-13-01", "f:1:10: this is no date", "2026-01-31"},
           Case{"=1", "f:1:1: neither a key", "key = value"},
           Case{"a..b=1", "f:1:3: this cannot be in a key", "in quotes"},
           Case{"x=\"\xff\"", "f:1:3: this is not UTF-8", "save the file"},
           Case{"a=1\n[a.b]", "f:2:6: this name has a value above", "another name"},
           Case{"a={b=1}\n[a.c]", "f:2:6: this table was written in braces", "into the braces"},
           Case{"[[m]]\n[m]", "f:2:1: this name stands above as a list", "[[…]]"},
           Case{"[m]\n[[m]]", "f:2:1: this name stands above as something else", "[[…]]"},
       }) {
    Diagnostics diagnostics("f");
    EXPECT_FALSE(parse_toml(text, diagnostics)) << text;
    EXPECT_THAT(diagnostics.to_error().message,
                AllOf(StartsWith(begins), HasSubstr("; "), HasSubstr(advises)))
        << text;
  }
}

TEST(YamlAdvice, SaysPlaceCauseAndRemedy) {
  for (const auto& [text, begins, advises] : {
           Case{"a:\n\tb: 1", "f:2:3: a tab stands in the indentation", "spaces"},
           Case{"a: 1\n\tb: 2", "f:2:1: a tab stands in the indentation", "spaces"},
           Case{"a: b: c", "f:1:5: a ':' is not expected here", "in quotes"},
           Case{"a: 1\n b: 2", "f:2:3: a ':' is not expected here", "indentation"},
           Case{"a: - b", "f:1:4: a list cannot begin here", "a line of its own"},
           Case{"a: [1,2\nb: 3", "f:2:2: a list in brackets", "[a, b]"},
           Case{"a: {b: 1\nc: 2", "f:2:2: a map in braces", "{a: 1, b: 2}"},
           Case{"a: }", "f:1:4: this bracket closes nothing", "in quotes"},
           Case{"a: 1\n- b", "f:2:1: this line does not fit", "indentation"},
           Case{"a: 'x'y", "f:1:7: this line does not fit", "in quotes"},
           Case{"a: \"x\\q\"", "f:1:8: this escape", "single quotes"},
           Case{"a: \"\\xZZ\"", "f:1:9: this escape", "the character itself"},
           Case{"a: @x", "f:1:4: a value cannot begin", "in quotes"},
           Case{"a: *", "f:1:5: anchors", "in quotes"},
           Case{"a: *x", "f:1:4: anchors", "in quotes"},
           Case{"%YAML 3\n---\na: 1", "f:1:1: directives", "remove the line"},
           Case{"a: !<x", "f:1:7: tags", "remove it"},
           Case{"a: |0\n x", "f:1:6: only +, -", "remove the rest"},
           Case{"a:1", "f:1:1: the file must be a map", "a space behind the colon"},
       }) {
    Diagnostics diagnostics("f");
    EXPECT_FALSE(parse_yaml(text, diagnostics)) << text;
    EXPECT_THAT(diagnostics.to_error().message,
                AllOf(StartsWith(begins), HasSubstr("; "), HasSubstr(advises)))
        << text;
  }
}

TEST(SyntaxAdvice, HasAnAnswerToWhatItDoesNotKnow) {
  EXPECT_THAT(toml_advice("ruritanian", "", {}), StartsWith("this is not TOML; "));
  EXPECT_THAT(yaml_advice("ruritanian", "", {}), StartsWith("this is not YAML; "));
}

TEST(OffsetOf, CountsCharactersAndEndsWithTheText) {
  EXPECT_EQ(offset_of("a\näb", {2, 2}), 4U);
  EXPECT_EQ(offset_of("a\näb", {2, 9}), 5U);
  EXPECT_EQ(offset_of("a\n", {7, 1}), 2U);
}

}  // namespace
}  // namespace brink::package
