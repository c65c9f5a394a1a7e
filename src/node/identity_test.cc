#include "node/identity.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "package/test_directory.h"

namespace brink::node {
namespace {

package::AppSpec with(const package::TestDirectory& directory, package::Access access) {
  package::AppSpec spec;
  spec.directories.push_back({.host = directory.path(), .guest = "/data", .access = access});
  return spec;
}

TEST(Identity, AnOrdinaryUserStaysWhoHeIs) {
  constexpr uid_t kOrdinary = 12345;
  const uid_t before = ::geteuid();
  if (before == 0) ASSERT_EQ(::seteuid(kOrdinary), 0);
  const auto identity = choose_identity({});
  ASSERT_EQ(::seteuid(before), 0);
  EXPECT_EQ(identity.value(), sandbox::Identity{});
}

class IdentityOfRoot : public testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can choose";
  }
  package::TestDirectory directory;
  sandbox::Identity nobody = sandbox::find_identity("nobody").value();
};

TEST_F(IdentityOfRoot, IsNobodyWithoutADirectoryToWriteTo) {
  EXPECT_EQ(choose_identity({}).value(), nobody);
  ASSERT_EQ(::chown(directory.path().c_str(), 1234, 1235), 0);
  ASSERT_EQ(::chmod(directory.path().c_str(), 0755), 0);
  EXPECT_EQ(choose_identity(with(directory, package::Access::read_only)).value(), nobody);
}

TEST_F(IdentityOfRoot, IsTheOwnerOfADirectoryThatNotEverybodyMayRead) {
  ASSERT_EQ(::chown(directory.path().c_str(), 1234, 1235), 0);
  ASSERT_EQ(::chmod(directory.path().c_str(), 0750), 0);
  EXPECT_EQ(choose_identity(with(directory, package::Access::read_only)).value(),
            (sandbox::Identity{1234, 1235}));
}

TEST_F(IdentityOfRoot, IsTheOwnerOfADirectoryToWriteTo) {
  ASSERT_EQ(::chown(directory.path().c_str(), 1234, 1235), 0);
  const auto identity = choose_identity(with(directory, package::Access::read_write)).value();
  EXPECT_EQ(identity, (sandbox::Identity{1234, 1235}));
}

TEST_F(IdentityOfRoot, IsRootItselfOnlyForItsOwnDirectories) {
  EXPECT_EQ(choose_identity(with(directory, package::Access::read_write)).value(),
            sandbox::Identity{});
}

}  // namespace
}  // namespace brink::node
