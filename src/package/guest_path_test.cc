#include "package/guest_path.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace brink::package {
namespace {

TEST(GuestPath, IsAbsoluteAndNormal) {
  EXPECT_EQ(normal_guest_path("/"), "/");
  EXPECT_EQ(normal_guest_path("."), "/");
  EXPECT_EQ(normal_guest_path("data"), "/data");
  EXPECT_EQ(normal_guest_path("//data/./x//"), "/data/x");
  EXPECT_EQ(normal_guest_path("/..a/b.."), "/..a/b..");
}

TEST(GuestPath, RefusesClimbingEmptinessAndNul) {
  EXPECT_EQ(normal_guest_path("/data/../etc").error().text(),
            "'/data/../etc' has a '..'; write the path inside the program out from /");
  EXPECT_FALSE(normal_guest_path(".."));
  EXPECT_FALSE(normal_guest_path(""));
  EXPECT_FALSE(normal_guest_path(std::string_view("a\0b", 3)));
}

TEST(Mount, IsReadOnlyUnlessItSaysOtherwise) {
  EXPECT_EQ(parse_mount("./site:/srv"), (Mount{"./site", "/srv", Access::read_only}));
  EXPECT_EQ(parse_mount("./site:srv:ro"), (Mount{"./site", "/srv", Access::read_only, "srv"}));
  EXPECT_EQ(parse_mount("/a:/b/:rw"), (Mount{"/a", "/b", Access::read_write, "/b/"}));
}

TEST(Mount, KeepsTheNameAsWritten) {
  EXPECT_EQ(parse_mount("x:tests/data.dir:rw")->name, "tests/data.dir");
  EXPECT_EQ(parse_mount("x:.")->name, ".");
  EXPECT_EQ(parse_mount("x:.")->guest, "/");
}

TEST(Mount, TakesColonsInTheHostPath) {
  EXPECT_EQ(parse_mount("/a:b:/c:rw"), (Mount{"/a:b", "/c", Access::read_write}));
}

TEST(Mount, RefusesWhatIsIncompleteOrClimbs) {
  EXPECT_EQ(parse_mount("/only").error().text(),
            "mount '/only': the path inside the program is missing; write HOST:GUEST, "
            "HOST:GUEST:ro or HOST:GUEST:rw");
  EXPECT_FALSE(parse_mount(":/x"));
  EXPECT_FALSE(parse_mount("/x:"));
  EXPECT_FALSE(parse_mount("/x:rw"));
  EXPECT_EQ(parse_mount("/x:/a/../b").error().text(),
            "mount '/x:/a/../b': '/a/../b' has a '..'; write the path inside the program out "
            "from /");
}

TEST(MountText, KeepsTheDevicesAtTheirPlace) {
  for (const std::string place : {"/dev", "/dev/null", "//dev/./x", "dev"}) {
    const auto mount = parse_mount("/x:" + place);
    ASSERT_FALSE(mount) << place;
    EXPECT_THAT(mount.error().text(), testing::HasSubstr("is where the devices are; choose"));
  }
  EXPECT_EQ(parse_mount("/x:/devices")->guest, "/devices");
  EXPECT_EQ(parse_mount("/x:/tmp:rw")->guest, "/tmp");
}

TEST(Variable, SplitsAtTheFirstEqualsSign) {
  EXPECT_EQ(parse_variable("A=b=c"), (EnvironmentVariable{"A", "b=c"}));
  EXPECT_EQ(parse_variable("A="), (EnvironmentVariable{"A", ""}));
  EXPECT_EQ(parse_variable("A").error().text(), "'A' is no variable; write NAME=VALUE");
  EXPECT_FALSE(parse_variable("=x"));
  EXPECT_FALSE(parse_variable(std::string_view("A=\0", 3)));
}

TEST(Environment, ReplacesInPlace) {
  std::vector<EnvironmentVariable> environment;
  set_variable(environment, {"A", "1"});
  set_variable(environment, {"B", "2"});
  set_variable(environment, {"A", "3"});
  EXPECT_EQ(environment, (std::vector<EnvironmentVariable>{{"A", "3"}, {"B", "2"}}));
}

TEST(ModeWord, ReadsWhatItPrints) {
  for (const Mode mode : {Mode::wcgi, Mode::proxy, Mode::stream, Mode::command}) {
    ASSERT_TRUE(parse_mode(to_string(mode)));
    EXPECT_EQ(**parse_mode(to_string(mode)), mode);
  }
  ASSERT_TRUE(parse_mode("auto"));
  EXPECT_FALSE(*parse_mode("auto"));
  EXPECT_FALSE(parse_mode("cgi"));
}

TEST(MountText, NamesAnAccessThatIsNone) {
  const auto mount = parse_mount("pages:/x:rx");
  ASSERT_FALSE(mount);
  EXPECT_THAT(mount.error().message, testing::HasSubstr("'rx' is neither ro nor rw"));
}

}  // namespace
}  // namespace brink::package
