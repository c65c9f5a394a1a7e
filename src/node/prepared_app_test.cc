#include "node/prepared_app.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <seccomp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <span>

#include "package/test_directory.h"
#include "sandbox/in_child_test_util.h"

namespace brink::node {
namespace {

using testing::AllOf;
using testing::HasSubstr;

std::string text(std::initializer_list<std::string_view> parts) {
  std::string out;
  for (const std::string_view part : parts) out += part;
  return out;
}

constexpr std::string_view kHeader("\0asm\1\0\0\0", 8);
constexpr std::string_view kType("\x01\x04\x01\x60\0\0", 6);
constexpr std::string_view kFunction("\x03\x02\x01\0", 4);
constexpr std::string_view kCode("\x0a\x04\x01\x02\0\x0b", 6);

/// An empty _start and `pages` of memory.
std::string program(std::string_view pages = std::string_view("\0\x01", 2)) {
  const char size = static_cast<char>(pages.size() + 1);
  return text({kHeader,
               kType,
               kFunction,
               "\x05",
               {&size, 1},
               "\x01",
               pages,
               std::string_view("\x07\x13\x02\x06memory\x02\0\x06_start\0\0", 21),
               kCode});
}

class PreparedAppTest : public testing::Test {
 protected:
  Result<PreparedApp> prepare_here(std::string_view name = "program.wasm") {
    request.path = directory.path() / name;
    return prepare(request, store, [](Duration /*spent*/) { return KeepGoing::yes; });
  }
  std::string error_of(std::string_view module) {
    directory.write("program.wasm", module);
    return error();
  }
  std::string error(std::string_view name = "program.wasm") {
    const auto app = prepare_here(name);
    if (app) return "(prepared)";
    EXPECT_EQ(app.error().text().find('\n'), std::string::npos) << app.error().text();
    return app.error().text();
  }

  package::TestDirectory directory;
  package::TestDirectory cache;
  ArtefactStore store = ArtefactStore::open(cache.path()).value();
  package::RunRequest request;
};

TEST_F(PreparedAppTest, HasAllThatAWorkerIsTold) {
  directory.write("program.wasm", program());
  directory.write("data/file", "");
  request.mounts.push_back({.host = directory.path() / "data", .guest = "/data"});
  const auto app = prepare_here();
  ASSERT_TRUE(app) << app.error().text();
  EXPECT_EQ(app->initial_memory, 65'536U);
  const launch::LaunchConfig config = app->config();
  ASSERT_EQ(config.mounts.size(), 1U);
  EXPECT_EQ(config.mounts[0].guest_path, "/data");
  std::vector<std::string> names;
  std::vector<int> fds;
  app->add_descriptors(names, fds);
  ASSERT_GE(names.size(), 4U);
  EXPECT_THAT(std::span(names).first(4),
              testing::ElementsAre("artefact", "scratch", "directory/0", "file/0"));
  EXPECT_EQ(names.size(), 3 + config.files.size());
  EXPECT_EQ(config.files[0], "/etc/hosts");
  for (const int fd : fds) EXPECT_GE(fd, 0);
}

TEST(PreparedApp, GivesAWasixProgramARootWhateverIsMounted) {
  PreparedApp app;
  app.spec.root = package::Root::only_when_mounted;
  EXPECT_EQ(app.config().root, wasi::files::RootPreopen::when_mounted);
  app.abi = module::Dialect::wasix;
  EXPECT_EQ(app.config().root, wasi::files::RootPreopen::always);
}

TEST_F(PreparedAppTest, RefusesWhatIsNoProgram) {
  EXPECT_THAT(error(), HasSubstr("program.wasm"));
  EXPECT_THAT(error_of("#!/bin/sh\n"), AllOf(HasSubstr("program.wasm"), HasSubstr("; ")));
  EXPECT_THAT(error_of(""), HasSubstr("program.wasm"));
  EXPECT_THAT(error_of(text({kHeader, "\x01\xff"})), HasSubstr("program.wasm"));
  EXPECT_THAT(error_of(kHeader), HasSubstr("_start"));
}

TEST_F(PreparedAppTest, NamesAnImportThatDoesNotExist) {
  const std::string module =
      text({kHeader, kType,
            std::string_view("\x02\x0b\x01\x03"
                             "env\x03"
                             "foo\0\0",
                             13),
            kFunction, std::string_view("\x07\x0a\x01\x06_start\0\x01", 12), kCode});
  EXPECT_THAT(error_of(module), AllOf(HasSubstr("env"), HasSubstr("foo")));
}

TEST_F(PreparedAppTest, RefusesAMemoryThatDoesNotFitTheLimit) {
  ASSERT_TRUE(request.limits.set("memory", "64MiB"));
  EXPECT_THAT(error_of(program(std::string_view("\0\x80\x20", 3))),
              AllOf(HasSubstr("256"), HasSubstr("64")));
}

TEST_F(PreparedAppTest, RefusesASumThatIsTooSmallForOneInstance) {
  directory.write("program.wasm", program());
  ASSERT_TRUE(request.limits.set("memory", "128MiB"));
  ASSERT_TRUE(request.limits.set("memory_sum", "64MiB"));
  EXPECT_THAT(error(), AllOf(HasSubstr("memory_sum"), HasSubstr("raise")));
}

TEST_F(PreparedAppTest, RefusesAMountThatIsNotThere) {
  directory.write("program.wasm", program());
  request.mounts.push_back({.host = directory.path() / "nothing", .guest = "/data"});
  EXPECT_THAT(error(), HasSubstr("nothing"));
}

TEST_F(PreparedAppTest, RefusesAMountThatTheProgramsUserCannotRead) {
  directory.write("program.wasm", program());
  const auto closed = directory.path() / "closed";
  ASSERT_EQ(::mkdir(closed.c_str(), 0), 0);
  // Closed to its owner, as whom the program would run, too.
  if (::geteuid() == 0) ASSERT_EQ(::chown(closed.c_str(), 12345, 12345), 0);
  request.mounts.push_back({.host = closed, .guest = "/data"});
  EXPECT_THAT(error(), AllOf(HasSubstr("closed"), HasSubstr("right to read it")));
  // Nothing of the other user's rights is left.
  EXPECT_EQ(::chmod(closed.c_str(), 0755), 0);
  EXPECT_EQ(error(), "(prepared)");
}

TEST_F(PreparedAppTest, MakesAScratchBaseWholeOrNotAtAll) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root gives a directory away";
  directory.write("program.wasm", program());
  const package::TestDirectory temporary;
  ASSERT_EQ(::setenv("TMPDIR", temporary.path().c_str(), 1), 0);
  const auto nobody = sandbox::find_identity("nobody").value();
  const auto base = temporary.path() / ("brink-" + std::to_string(nobody.uid));
  // Killed in the middle: whichever call gives it away is the last one.
  const auto killed = sandbox::in_child([&] {
    const scmp_filter_ctx filter = ::seccomp_init(SCMP_ACT_ALLOW);
    for (const int call : {SCMP_SYS(chown), SCMP_SYS(fchown), SCMP_SYS(fchownat)}) {
      ::seccomp_rule_add(filter, SCMP_ACT_KILL_PROCESS, call, 0);
    }
    ::seccomp_load(filter);
    (void)error();
    return 0;
  });
  EXPECT_EQ(killed, sandbox::ExitStatus::killed(SIGSYS));
  EXPECT_FALSE(std::filesystem::exists(base));
  EXPECT_EQ(error(), "(prepared)");
  struct stat status{};
  EXPECT_EQ(::stat(base.c_str(), &status), 0);
  EXPECT_EQ(status.st_uid, nobody.uid);
  EXPECT_EQ(status.st_mode & 07777, 0700U);
  EXPECT_EQ(error(), "(prepared)") << "there already";
  ::unsetenv("TMPDIR");
}

TEST_F(PreparedAppTest, RefusesAScratchBaseOfSomebodyElse) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give a directory away";
  directory.write("program.wasm", program());
  ASSERT_EQ(::setenv("TMPDIR", directory.path().c_str(), 1), 0);
  const auto nobody = sandbox::find_identity("nobody").value();
  const auto base = directory.path() / ("brink-" + std::to_string(nobody.uid));
  ASSERT_EQ(::mkdir(base.c_str(), 0700), 0);
  const std::string refused = error();
  ::unsetenv("TMPDIR");
  EXPECT_THAT(refused, AllOf(HasSubstr("belongs to somebody else"), HasSubstr("TMPDIR")));
}

}  // namespace
}  // namespace brink::node
