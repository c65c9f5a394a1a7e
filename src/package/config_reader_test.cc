#include "package/config_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <functional>

namespace brink::package {
namespace {

using testing::ElementsAre;
using namespace std::chrono_literals;

/// The errors that reading `text` with `read` leaves, one per line.
std::string errors(std::string_view text, const std::function<void(MapReader&)>& read) {
  Diagnostics diagnostics("f");
  const auto node = parse_yaml(text, diagnostics);
  if (!node) return diagnostics.to_error().text();
  MapReader reader(*node, "", diagnostics);
  read(reader);
  return diagnostics.to_error().text();
}

TEST(MapReader, ReadsTypedValues) {
  EXPECT_EQ(errors("s: NO\nb: true\ni: 7\nd: 30s\nz: 128MiB\nl: [a, 'b']\nm: {k: v}\nn: [{k: w}]\n",
                   [](MapReader& reader) {
                     EXPECT_EQ(reader.string("s"), "NO");
                     EXPECT_EQ(reader.boolean("b"), true);
                     EXPECT_EQ(reader.integer("i", {0, 7}), 7U);
                     EXPECT_EQ(reader.duration("d"), Duration(30s));
                     EXPECT_EQ(reader.byte_size("z"), 128_MiB);
                     EXPECT_THAT(*reader.strings("l"), ElementsAre("a", "b"));
                     EXPECT_EQ(reader.map("m")->string("k"), "v");
                     EXPECT_EQ(reader.maps("n").at(0).string("k"), "w");
                     reader.finish();
                   }),
            "");
}

TEST(MapReader, AnswersNothingForAbsentKeys) {
  EXPECT_EQ(errors("a:\n",
                   [](MapReader& reader) {
                     EXPECT_FALSE(reader.string("s"));
                     EXPECT_FALSE(reader.map("a"));
                     EXPECT_FALSE(reader.strings("a"));
                     EXPECT_TRUE(reader.maps("a").empty());
                     reader.finish();
                   }),
            "");
}

TEST(MapReader, CollectsAllErrorsWithPositionsAndPaths) {
  EXPECT_EQ(errors("s: [x]\nb: yes\ni: 8\nd: 1h30m\nz: 12 parsecs\nl: [a, [b]]\nm: 1\nn: [1]\ne:\n"
                   "w: blue\n",
                   [](MapReader& reader) {
                     constexpr std::array<std::string_view, 2> kWords = {"red", "green"};
                     (void)reader.string("s");
                     (void)reader.boolean("b");
                     (void)reader.integer("i", {0, 7});
                     (void)reader.duration("d");
                     (void)reader.byte_size("z");
                     (void)reader.strings("l");
                     (void)reader.map("m");
                     (void)reader.maps("n");
                     (void)reader.string("e");
                     (void)reader.one_of("w", kWords);
                     (void)reader.required_string("r");
                     reader.finish();
                   }),
            "f:1:1: r: is missing; it must be a text\n"
            "f:1:4: s: must be a text\n"
            "f:2:4: b: must be true or false, not 'yes'\n"
            "f:3:4: i: must be a whole number from 0 to 7, not '8'\n"
            "f:4:4: d: '1h30m' is not a duration: the unit must be one of ms, s, m, h, d; write a "
            "whole number and one of ms, s, m, h, d, for example 30s\n"
            "f:5:4: z: '12 parsecs' is not a size: the unit must be one of B, KB, MB, GB, TB, KiB, "
            "MiB, GiB, TiB; write a number and a unit, for example 128MiB\n"
            "f:6:8: l[1]: must be a text\n"
            "f:7:4: m: must be a map of keys and values\n"
            "f:8:5: n[0]: must be a map of keys and values\n"
            "f:9:1: e: is empty; write a text, or remove the key\n"
            "f:10:4: w: must be one of red, green, not 'blue'");
}

TEST(MapReader, SuggestsTheNearestWordOfAList) {
  constexpr std::array<std::string_view, 2> kWords = {"spool", "stream"};
  EXPECT_EQ(errors("w: steam\n", [&](MapReader& reader) { (void)reader.one_of("w", kWords); }),
            "f:1:4: w: must be one of spool, stream, not 'steam'; did you mean stream?");
}

TEST(MapReader, SuggestsTheNearestKeyForAnUnknownOne) {
  EXPECT_EQ(errors("scaling:\n  min_instnces: 1\n  zzz: 1\n",
                   [](MapReader& reader) {
                     auto scaling = *reader.map("scaling");
                     (void)scaling.integer("min_instances", {0, 1});
                     (void)scaling.integer("max_instances", {0, 1});
                     scaling.finish();
                     reader.finish();
                   }),
            "f:2:3: scaling.min_instnces: unknown key; did you mean min_instances?\n"
            "f:3:3: scaling.zzz: unknown key; known here: min_instances, max_instances");
}

TEST(MapReader, RefusesQuotedBooleansAndNegativeOrFractionalNumbers) {
  EXPECT_EQ(errors("b: 'true'\ni: -1\nj: 1.5\n",
                   [](MapReader& reader) {
                     (void)reader.boolean("b");
                     (void)reader.integer("i", {0, 9});
                     (void)reader.integer("j", {0, 9});
                   }),
            "f:1:4: b: must be true or false, without quotes\n"
            "f:2:4: i: must be a whole number from 0 to 9, not '-1'\n"
            "f:3:4: j: must be a whole number from 0 to 9, not '1.5'");
}

TEST(MapReader, RefusesTomlNumbersWhereATextIsMeant) {
  Diagnostics diagnostics("f");
  const auto node = parse_toml("version = 1\n", diagnostics);
  ASSERT_TRUE(node);
  MapReader reader(*node, "package", diagnostics);
  EXPECT_FALSE(reader.string("version"));
  EXPECT_EQ(diagnostics.to_error().text(), "f:1:11: package.version: must be a text");
}

}  // namespace
}  // namespace brink::package
