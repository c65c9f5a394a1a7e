#include "package/node.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/result.h"

namespace brink::package {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

Result<Node> yaml(std::string_view text) {
  Diagnostics diagnostics("f.yaml");
  auto node = parse_yaml(text, diagnostics);
  if (diagnostics.error_count() != 0) return std::unexpected(diagnostics.to_error());
  return std::move(*node);
}

Result<Node> toml(std::string_view text) {
  Diagnostics diagnostics("f.toml");
  auto node = parse_toml(text, diagnostics);
  if (diagnostics.error_count() != 0) return std::unexpected(diagnostics.to_error());
  return std::move(*node);
}

std::string yaml_error(std::string_view text) {
  const auto node = yaml(text);
  return node ? "accepted" : node.error().text();
}

std::string toml_error(std::string_view text) {
  const auto node = toml(text);
  return node ? "accepted" : node.error().text();
}

TEST(Yaml, KeepsScalarsAsTextWithTheirPositions) {
  const auto node = yaml("country: NO\nversion: 1.10\nlist:\n  - 'yes'\n  - {a: b}\n");
  ASSERT_TRUE(node) << node.error().text();
  ASSERT_EQ(node->entries.size(), 3U);
  EXPECT_EQ(node->find("country")->text, "NO");
  EXPECT_EQ(node->find("version")->text, "1.10");
  EXPECT_EQ(node->find("version")->at, (Position{2, 10}));
  const Node& list = *node->find("list");
  ASSERT_EQ(list.items.size(), 2U);
  EXPECT_EQ(list.items[0].form, Node::Form::string);
  EXPECT_EQ(list.items[1].find("a")->text, "b");
  EXPECT_EQ(list.items[1].find("a")->at, (Position{5, 9}));
}

TEST(Yaml, TreatsAnEmptyFileAsAnEmptyMap) {
  for (const char* text : {"", "# only a comment\n", "---\n"}) {
    const auto node = yaml(text);
    ASSERT_TRUE(node) << text;
    EXPECT_EQ(node->kind, Node::Kind::map);
    EXPECT_TRUE(node->entries.empty());
  }
}

TEST(Yaml, RefusesDuplicateKeysWithBothPlaces) {
  EXPECT_EQ(yaml_error("a: 1\nb:\n  c: 1\n  c: 2\n"),
            "f.yaml:4:3: key 'c' stands here twice, first in line 3; remove one of them");
}

TEST(Yaml, ReadsOnBehindADuplicateKey) {
  Diagnostics diagnostics("f");
  const auto node = parse_yaml("a: 1\na: {x: [y]}\nb: 2\nb: 3\n", diagnostics);
  ASSERT_TRUE(node);
  EXPECT_EQ(diagnostics.error_count(), 2U);
  ASSERT_EQ(node->entries.size(), 2U);
  EXPECT_EQ(node->find("a")->text, "1");
  EXPECT_EQ(node->find("b")->text, "2");
}

TEST(Yaml, RefusesAnchorsAliasesTagsAndSecondDocuments) {
  EXPECT_EQ(yaml_error("a: &x 1\nb: 2\n"),
            "f.yaml:1:4: anchors (&name) are not supported; write the value out");
  EXPECT_THAT(yaml_error("a: {<<: &x {b: 1}}\n"), HasSubstr("anchors"));
  EXPECT_THAT(yaml_error("a: [1, *x]\n"), StartsWith("f.yaml:1:8: "));
  EXPECT_THAT(yaml_error("a: !!binary aGk=\n"), HasSubstr("tags ("));
  EXPECT_THAT(yaml_error("a: !!map {b: 1}\n"), HasSubstr("tags ("));
  EXPECT_THAT(yaml_error("a: 1\n---\nb: 2\n"), HasSubstr("a second document starts here"));
}

TEST(Yaml, RefusesKeysThatAreNoTextAndATopThatIsNoMap) {
  EXPECT_THAT(yaml_error("? [a, b]\n: c\n"), HasSubstr("a key must be a plain text"));
  EXPECT_THAT(yaml_error("~: c\n"), HasSubstr("a key is missing"));
  EXPECT_EQ(yaml_error("- a\n"),
            "f.yaml:1:1: the file must be a map of keys and values; write KEY: VALUE, with a space "
            "behind the colon");
}

TEST(Yaml, ReportsSyntaxErrorsWithTheirPlace) {
  EXPECT_THAT(yaml_error("a: [1, 2\nb: 3\n"), StartsWith("f.yaml:2:"));
  EXPECT_EQ(yaml_error("a: \"x\\\"\n"),
            "f.yaml:1:4: the quote that starts here has no end; add it");
  EXPECT_EQ(yaml_error("a: 1\r\nb: 'it''s\r\n"),
            "f.yaml:2:4: the quote that starts here has no end; add it");
  EXPECT_EQ(yaml_error("\xEF\xBB\xBF"
                       "a: 'it''s'\r\n"),
            "accepted");
}

TEST(Yaml, RefusesNulCharactersHoweverWritten) {
  EXPECT_THAT(yaml_error("a: \"x\\0y\"\n"), HasSubstr("NUL"));
  EXPECT_THAT(yaml_error("\"a\\0\": y\n"), HasSubstr("NUL"));
}

TEST(Yaml, BoundsSizeDepthAndNumberOfValues) {
  EXPECT_THAT(yaml_error(std::string(kMaxConfigBytes + 1, ' ')), HasSubstr("larger than"));
  const auto nested = [](std::size_t depth) {
    return "a: " + std::string(depth, '[') + std::string(depth, ']');
  };
  EXPECT_EQ(yaml_error(nested(kMaxConfigDepth - 1)), "accepted");
  EXPECT_THAT(yaml_error(nested(kMaxConfigDepth)), HasSubstr("nested more than 64 deep"));
  EXPECT_THAT(yaml_error(nested(100'000)), StartsWith("f.yaml:1:"));
  std::string wide = "a: [";
  for (std::size_t i = 0; i < kMaxConfigNodes; ++i) wide += "1,";
  EXPECT_THAT(yaml_error(wide + "]"), HasSubstr("more than 100000 values"));
}

TEST(Toml, KeepsTheOrderOfTheFileAndTheForms) {
  const auto node = toml("z = 'x'\na = 7\n[fs]\n'/z' = 'b'\n'/a' = 'c'\n");
  ASSERT_TRUE(node) << node.error().text();
  ASSERT_EQ(node->entries.size(), 3U);
  EXPECT_EQ(node->entries[0].key, "z");
  EXPECT_EQ(node->entries[1].value.form, Node::Form::number);
  const Node& fs = *node->find("fs");
  ASSERT_EQ(fs.entries.size(), 2U);
  EXPECT_EQ(fs.entries[0].key, "/z");
  EXPECT_EQ(fs.entries[0].at, (Position{4, 1}));
  EXPECT_EQ(fs.entries[1].key, "/a");
}

TEST(Toml, NamesEveryKindOfScalar) {
  const auto node = toml("b = true\nf = 1.5\nd = 2026-01-02\nt = 03:04:05\n");
  ASSERT_TRUE(node) << node.error().text();
  EXPECT_EQ(node->find("b")->form, Node::Form::boolean);
  EXPECT_EQ(node->find("f")->text, "1.5");
  EXPECT_EQ(node->find("d")->form, Node::Form::date);
  EXPECT_EQ(node->find("t")->text, "03:04:05");
}

TEST(Toml, ReportsDuplicateKeysAndSyntaxErrorsWithTheirPlace) {
  EXPECT_EQ(toml_error("a = 1\n a = 2\n"),
            "f.toml:2:2: key 'a' stands here twice, first in line 1; remove one of them");
  EXPECT_EQ(toml_error("[x]\ny = \n"),
            "f.toml:2:5: a value is missing behind '='; write one, or remove the line");
}

TEST(Toml, ReadsOnBehindADuplicateKeyHoweverWritten) {
  struct Case {
    const char* text;
    const char* error;
  };
  for (const auto& [text, error] : {
           Case{"[a]\nb = 1\n[a]\nc = 2\n", "f:3:2: key 'a' stands here twice, first in line 1"},
           Case{"[x.y]\n[ x . 'y' ]\n", "f:2:7: key 'y' stands here twice, first in line 1"},
           Case{"a.b = 1\na.b = 2\n", "f:2:3: key 'b' stands here twice, first in line 1"},
           Case{"a = [\n1]\na = [\n2]\n", "f:3:1: key 'a' stands here twice, first in line 1"},
           Case{"a = {b = 1, b = 2}\n", "f:1:13: key 'b' stands here twice, first in line 1"},
           Case{"\"ä ö\" = 1\n\"ä ö\" = 2\n", "f:2:1: key 'ä ö' stands here twice, first in"},
           Case{"['a]b']\n['a]b']\n", "f:2:3: key 'a' stands here twice; remove"},
           Case{"[[m]]\nn = 'x'\nn = 'y'\n[[m]]\nn = 'x'\n", "f:3:1: key 'n' stands here twice"},
       }) {
    Diagnostics diagnostics("f");
    EXPECT_TRUE(parse_toml(std::string(text) + "[z]\n", diagnostics)) << text;
    EXPECT_EQ(diagnostics.error_count(), 1U) << text;
    EXPECT_THAT(diagnostics.to_error().message, StartsWith(error)) << text;
  }
}

TEST(Toml, ReportsDuplicatesBesideASyntaxError) {
  EXPECT_EQ(toml_error("a = 1\na = 2\nb =\n"),
            "f.toml:2:1: key 'a' stands here twice; remove one of them\n"
            "f.toml:3:4: a value is missing behind '='; write one, or remove the line");
}

TEST(Toml, EndsWithManyDuplicates) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += "a = 1\n";
  Diagnostics diagnostics("f");
  EXPECT_FALSE(parse_toml(text, diagnostics));
  EXPECT_EQ(diagnostics.error_count(), Diagnostics::kMost + 1);
}

TEST(Toml, RefusesCharactersThatTheParserTakesForUnreachable) {
  EXPECT_THAT(toml_error("a = \xEF\xB9\xBF\n"), StartsWith("f.toml:1:5: "));
  EXPECT_EQ(toml_error("a = '\xEF\xB9\xBF' # \xEF\xB9\xBF\n"), "accepted");
}

TEST(Toml, SurvivesHeadersThatTheParserAssumesAway) {
  EXPECT_EQ(toml_error("a = 1\n [[ {x\n"),
            "f.toml:2:2: no key follows the '[' of this table; write [name], or [[name]]");
  EXPECT_EQ(toml_error("[{"),
            "f.toml:1:1: no key follows the '[' of this table; write [name], or [[name]]");
}

TEST(Toml, BoundsSizeAndDepthAndRefusesNul) {
  EXPECT_THAT(toml_error(std::string(kMaxConfigBytes + 1, '\n')), HasSubstr("larger than"));
  EXPECT_THAT(toml_error("a = " + std::string(80, '[') + std::string(80, ']')),
              HasSubstr("nested more than 64 deep"));
  EXPECT_THAT(toml_error("a = \"x\\u0000\"\n"), HasSubstr("NUL"));
}

}  // namespace
}  // namespace brink::package
