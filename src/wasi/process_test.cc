#include "wasi/process.h"

#include <gtest/gtest.h>

#include "wasi/testing/guest.h"

namespace brink::wasi::testing {
namespace {

/// What a Process needs, with the mounts that a test wants.
class ProcessTest : public ::testing::Test {
 protected:
  void build(std::vector<std::string> mounts, files::RootPreopen root) {
    files::TreeSpec spec;
    spec.root = root;
    for (std::string& path : mounts) {
      spec.mounts.push_back({.guest_path = std::move(path), .host_directory = directory_.open()});
    }
    auto tree = files::FileTree::build(std::move(spec));
    ASSERT_TRUE(tree.has_value());
    tree_.emplace(std::move(*tree));
    space_.emplace(*tree_, nullptr, files::QuotaLimits{}, files::PathRules::capability);
  }
  ProcessSetup setup() {
    return {.args = strings_,
            .environ = strings_,
            .in = in_,
            .out = out_,
            .err = err_,
            .files = space_ ? &*space_ : nullptr,
            .clock = clock_,
            .time = time_,
            .random = random_};
  }

  TemporaryDirectory directory_;
  std::optional<files::FileTree> tree_;
  std::optional<files::FileSpace> space_;
  StringBlock strings_;
  FakeInput in_;
  FakeOutput out_, err_;
  ManualClock clock_;
  FakeTime time_;
  CountingRandom random_;
};

TEST_F(ProcessTest, WithoutFilesHasTheStreamsOnly) {
  Process process(setup());
  EXPECT_EQ(process.descriptors().open_count(), 3u);
  EXPECT_FALSE(process.exit());
}

TEST_F(ProcessTest, PreopensFollowInTheOrderOfTheTreeAsSpelled) {
  build({"data", "/", "/var/lib"}, files::RootPreopen::when_mounted);
  Process process(setup());
  ASSERT_EQ(process.descriptors().open_count(), 6u);
  EXPECT_EQ(process.descriptors().find(3)->preopen, "/");
  EXPECT_EQ(process.descriptors().find(4)->preopen, "data");
  EXPECT_EQ(process.descriptors().find(5)->preopen, "/var/lib");
}

TEST_F(ProcessTest, NeverHasMoreDescriptorsThanItsLimit) {
  build({"/", "a", "b"}, files::RootPreopen::when_mounted);
  for (std::uint32_t limit = 0; limit < 7; ++limit) {
    ProcessSetup limited = setup();
    limited.limits.descriptors = limit;
    Process process(limited);
    EXPECT_EQ(process.descriptors().open_count(), std::min(limit, 6u));
  }
}

TEST(ProcessExit, ShowsWhatAShellShows) {
  EXPECT_EQ((ProcessExit{ProcessExit::Reason::code, 0}.status()), 0u);
  EXPECT_EQ((ProcessExit{ProcessExit::Reason::code, 256 + 7}.status()), 7u);
  EXPECT_EQ((ProcessExit{ProcessExit::Reason::signal, 15}.status()), 143u);
}

}  // namespace
}  // namespace brink::wasi::testing
