#include "sandbox/process.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>

#include "sandbox/in_child_test_util.h"

namespace brink::sandbox {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;

MonotonicTime soon() { return SystemClock().now() + seconds(20); }

SpawnOptions shell(const std::string& script) {
  SpawnOptions options;
  options.executable = "/bin/sh";
  options.arguments = {"sh", "-c", script};
  return options;
}

ExitStatus run(const SpawnOptions& options) {
  const auto child = spawn(options);
  EXPECT_TRUE(child) << child.error().text();
  return reap(*child, soon()).value().value();
}

/// Output of a script whose descriptor 3 is a pipe to us.
std::string output_of(const std::string& script, SpawnOptions options = {}) {
  int ends[2];
  EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  const UniqueFd reader(ends[0]);
  UniqueFd writer(ends[1]);
  SpawnOptions merged = shell(script);
  merged.environment = options.environment;
  merged.descriptors = {writer.get()};
  merged.descriptors.insert(merged.descriptors.end(), options.descriptors.begin(),
                            options.descriptors.end());
  EXPECT_TRUE(run(merged).success());
  writer.reset();
  char buffer[4096];
  const ssize_t n = ::read(reader.get(), buffer, sizeof buffer);
  return {buffer, n > 0 ? static_cast<std::size_t>(n) : 0};
}

TEST(Spawn, ReportsHowAProcessEnded) {
  EXPECT_EQ(run(shell("exit 0")).text(), "exit code 0");
  EXPECT_EQ(run(shell("exit 3")).text(), "exit code 3");
  EXPECT_EQ(run(shell("kill -9 $$")).text(), "killed by SIGKILL");
  EXPECT_EQ(ExitStatus::killed(SIGSYS).text(), "killed by SIGSYS (a forbidden system call)");
  EXPECT_EQ(ExitStatus::killed(40).text(), "killed by signal 40");
}

TEST(Spawn, FailsAtOnceIfTheProgramCannotStart) {
  SpawnOptions options = shell("true");
  options.executable = "/no/such/program";
  const auto child = spawn(options);
  ASSERT_FALSE(child);
  EXPECT_THAT(child.error().message, HasSubstr("/no/such/program"));
  EXPECT_THAT(child.error().message, HasSubstr("No such file"));
  EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1) << "a zombie is left";
}

TEST(Spawn, PassesTheListedDescriptorsAndNoOther) {
  // Neither of these is close-on-exec; the second is not listed.
  const UniqueFd listed(::open("/dev/null", O_RDONLY));
  const UniqueFd secret(::open("/etc/passwd", O_RDONLY));
  SpawnOptions options;
  options.descriptors = {listed.get()};
  EXPECT_EQ(output_of("cd /proc/$$/fd; for f in [0-9]*; do case $f in [012]) ;; *) "
                      "if [ -e $f ]; then echo -n $f. >&3; fi;; esac; done",
                      options),
            "3.4.");
}

TEST(Spawn, PlacesDescriptorsThatStandInEachOthersWay) {
  const UniqueFd a(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  const UniqueFd b(::open("/dev/zero", O_RDONLY | O_CLOEXEC));
  SpawnOptions options;
  options.descriptors = {b.get(), a.get(), b.get()};
  EXPECT_EQ(output_of("for f in 4 5 6; do readlink /proc/$$/fd/$f; done >&3", options),
            "/dev/zero\n/dev/null\n/dev/zero\n");
}

TEST(Spawn, GivesTheWholeEnvironmentAndNothingElse) {
  SpawnOptions options;
  options.environment = {"ONLY=this"};
  ::setenv("BRINK_TEST_SECRET", "x", 1);
  EXPECT_EQ(output_of("echo $ONLY$BRINK_TEST_SECRET >&3", options), "this\n");
}

TEST(Spawn, StartsAGroupOfItsOwnWithFreshSignals) {
  sigset_t blocked;
  sigset_t before;
  ::sigemptyset(&blocked);
  ::sigaddset(&blocked, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &blocked, &before);
  ::signal(SIGPIPE, SIG_IGN);
  const std::string status = output_of("exec cat /proc/self/status >&3");
  ::signal(SIGPIPE, SIG_DFL);
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  EXPECT_THAT(status, HasSubstr("SigBlk:\t0000000000000000"));
  EXPECT_THAT(status, HasSubstr("SigIgn:\t0000000000000000"));
  const auto value = [&](const std::string& key) {
    const auto start = status.find("\n" + key + ":\t") + key.size() + 3;
    return status.substr(start, status.find('\n', start) - start);
  };
  EXPECT_EQ(value("NSpgid"), value("Pid"));
}

TEST(Spawn, LeavesTheHandleOfARunningChild) {
  const auto child = spawn(shell("kill -STOP $$"));
  ASSERT_TRUE(child);
  const auto sleeping = spawn(shell("kill -STOP $$"));
  ASSERT_TRUE(sleeping);
  EXPECT_EQ(try_reap(*sleeping).value(), std::nullopt);
  EXPECT_EQ(reap(*sleeping, SystemClock().now()).value(), std::nullopt);
  kill_group(*sleeping);
  EXPECT_EQ(reap(*sleeping, soon()).value().value(), ExitStatus::killed(SIGKILL));
  ASSERT_TRUE(send_signal(*child, SIGKILL));
  ASSERT_TRUE(reap(*child, soon()).value());
  EXPECT_TRUE(send_signal(*child, SIGKILL)) << "a child that has ended is no error";
}

TEST(Spawn, EndsAWholeFamilyWithItsGroup) {
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  const UniqueFd reader(ends[0]);
  UniqueFd writer(ends[1]);
  SpawnOptions options = shell("sh -c 'kill -STOP $$' & sh -c 'kill -STOP $$' & wait");
  options.descriptors = {writer.get()};
  const auto child = spawn(options);
  ASSERT_TRUE(child);
  writer.reset();
  kill_group(*child);
  EXPECT_TRUE(reap(*child, soon()).value());
  char byte = 0;
  // The end of the pipe: no grandchild holds it any more.
  EXPECT_EQ(::read(reader.get(), &byte, 1), 0);
}

TEST(Spawn, MayTieTheChildToItsParent) {
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  const UniqueFd reader(ends[0]);
  UniqueFd writer(ends[1]);
  const ExitStatus parent = in_child([&] {
    SpawnOptions options = shell("kill -STOP $$");
    options.on_parent_death = OnParentDeath::die;
    options.descriptors = {writer.get()};
    return spawn(options) ? 0 : 1;
  });
  EXPECT_TRUE(parent.success());
  writer.reset();
  char byte = 0;
  EXPECT_EQ(::read(reader.get(), &byte, 1), 0);
}

}  // namespace
}  // namespace brink::sandbox
