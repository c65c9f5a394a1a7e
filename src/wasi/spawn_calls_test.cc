#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <vector>

#include "wasi/family_types.h"
#include "wasi/testing/fake_family.h"
#include "wasi/testing/guest.h"

namespace brink::wasi::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Not;

constexpr std::uint32_t kWild = 0xffff'fff0;

class SpawnCalls : public ::testing::Test {
 protected:
  /// exec3 of `name` with one argument and no environment of its own.
  Errno exec(std::string_view name) {
    return guest.call("proc_exec3", guest.put(name), name.size(), guest.put("a\n"), 2, 0, 0, 0, 0,
                      0);
  }
  Errno spawn(const std::vector<GuestSpawnAction>& actions) {
    std::string_view bytes(reinterpret_cast<const char*>(actions.data()),
                           actions.size() * sizeof(GuestSpawnAction));
    return guest.call("proc_spawn2", guest.put("tool"), 4, guest.put("a\nb\n"), 4,
                      guest.put("X=y\n"), 4, guest.put(bytes), actions.size(), 0, 0, 0, 0, 0, out);
  }
  static GuestSpawnAction action(std::uint8_t command, std::uint32_t fd, std::uint32_t source = 0) {
    GuestSpawnAction made{};
    made.command = command;
    made.fd = fd;
    made.source = source;
    return made;
  }
  GuestSpawnAction at_path(std::uint8_t command, std::uint32_t fd, std::string_view path) {
    GuestSpawnAction made = action(command, fd);
    made.path = guest.put(path);
    made.path_length = static_cast<std::uint32_t>(path.size());
    made.base = (right::fd_read | right::fd_seek).bits();
    return made;
  }
  /// Pointers to strings, for the newer forms.
  std::uint32_t pointers(const std::vector<std::string>& texts) {
    std::vector<std::uint32_t> at;
    for (const std::string& text : texts) at.push_back(guest.put(text + '\0'));
    return guest.put({reinterpret_cast<const char*>(at.data()), at.size() * 4});
  }

  FakeFamily family;
  Guest guest{{.profile = kWasix, .family = &family}};
  std::uint32_t out = guest.room(sizeof(GuestProcessHandles));
};

TEST_F(SpawnCalls, ExecHandsOverAndDoesNotReturn) {
  EXPECT_EQ(exec("tool"), kExits);
  EXPECT_THAT(family.request->arguments, ElementsAre("a"));
  EXPECT_FALSE(family.request->environment) << "as the caller's";
  EXPECT_FALSE(family.request->path);
}

TEST_F(SpawnCalls, ExecReturnsItsError) {
  EXPECT_EQ(exec("none"), Errno::noent);
  EXPECT_EQ(guest.call("proc_exec3", kWild, 30, 0, 0, 0, 0, 0, 0, 0), Errno::fault);
  EXPECT_EQ(guest.call("proc_exec3", guest.put("tool"), 4, 64, 1 << 30, 0, 0, 0, 0, 0),
            Errno::toobig);
  EXPECT_FALSE(guest.process->exit());
}

TEST_F(SpawnCalls, ExecInABorrowedIdentityReturnsInTheParents) {
  ASSERT_EQ(guest.call("proc_fork_env", out), Errno::success);
  const auto child = guest.at<std::uint32_t>(out);
  EXPECT_EQ(exec("none"), Errno::noent);
  ASSERT_TRUE(guest.process->borrowed()) << "a failure leaves things as they are";
  EXPECT_EQ(exec("tool"), Errno::success);
  EXPECT_FALSE(guest.process->borrowed());
  EXPECT_EQ(family.request->pid, child);
}

TEST_F(SpawnCalls, ExecSearchesWhatItIsTold) {
  const auto exec3 = [&](std::uint32_t searches, std::uint32_t path, std::uint32_t length) {
    return guest.call("proc_exec3", guest.put("tool"), 4, 64, 0, guest.put("E=1\n"), 4, searches,
                      path, length);
  };
  EXPECT_EQ(exec3(1, guest.put("/a:/b"), 5), kExits);
  EXPECT_EQ(family.request->path, "/a:/b");
  EXPECT_THAT(*family.request->environment, ElementsAre("E=1"));
  EXPECT_EQ(exec3(1, 0, 0), kExits);
  EXPECT_EQ(family.request->path, "/usr/local/bin:/bin:/usr/bin");
}

TEST_F(SpawnCalls, TheNewerFormsTakeArgumentsWithNewlines) {
  EXPECT_EQ(guest.call("proc_exec4", guest.put("tool"), 4, pointers({"a", "b\nc", ""}), 3,
                       pointers({"E=1"}), 1, 0, 0, 0),
            kExits);
  EXPECT_THAT(family.request->arguments, ElementsAre("a", "b\nc", ""));
  EXPECT_THAT(*family.request->environment, ElementsAre("E=1"));
  EXPECT_EQ(guest.call("proc_spawn3", guest.put("tool"), 4, pointers({"x\ny"}), 1, 0, 0, 0, 0, 0, 0,
                       0, 0, 0, out),
            Errno::success);
  EXPECT_THAT(family.request->arguments, ElementsAre("x\ny"));
  EXPECT_EQ(guest.at<std::uint32_t>(out), 8U);
  EXPECT_EQ(
      guest.call("proc_exec4", guest.put("tool"), 4, guest.put_value(kWild), 1, 0, 0, 0, 0, 0),
      Errno::fault);
}

TEST_F(SpawnCalls, TheOldFormsOfExecEndWhereTheyFail) {
  EXPECT_EQ(guest.call("proc_exec", guest.put("tool"), 4, guest.put("a\n"), 2), kExits);
  EXPECT_FALSE(guest.process->exit());
  EXPECT_EQ(
      guest.call("proc_exec2", guest.put("tool"), 4, guest.put("a\n"), 2, guest.put("E=2\n"), 4),
      kExits);
  EXPECT_THAT(*family.request->environment, ElementsAre("E=2"));
  EXPECT_EQ(guest.call("proc_exec", guest.put("none"), 4, guest.put("a\n"), 2), kExits);
  EXPECT_EQ(guest.process->exit()->status(), 127U);
}

TEST_F(SpawnCalls, ActionsChangeTheChildsDescriptorsInOrderAndNotTheCallers) {
  EXPECT_EQ(spawn({action(GuestSpawnAction::dup2, 9, 1), action(GuestSpawnAction::close, 1)}),
            Errno::success);
  EXPECT_THAT(family.passed_on, Contains(9U));
  EXPECT_THAT(family.passed_on, Not(Contains(1U)));
  EXPECT_NE(guest.process->descriptors().find(1), nullptr);
  EXPECT_EQ(guest.process->descriptors().find(9), nullptr);
  EXPECT_THAT(family.request->arguments, ElementsAre("a", "b"));
}

TEST_F(SpawnCalls, ActionsOpenFilesWhereTheChildIs) {
  guest.directory.write("file", "x");
  EXPECT_EQ(spawn({at_path(GuestSpawnAction::open, 12, "file")}), Errno::success);
  EXPECT_THAT(family.passed_on, Contains(12U));
  EXPECT_EQ(spawn({at_path(GuestSpawnAction::open, 12, "/dev/null")}), Errno::success);
  EXPECT_EQ(spawn({at_path(GuestSpawnAction::open, 12, "missing")}), Errno::noent);
}

TEST_F(SpawnCalls, ActionsChangeTheChildsDirectory) {
  EXPECT_EQ(spawn({at_path(GuestSpawnAction::chdir, 0, "tmp")}), Errno::success);
  EXPECT_EQ(family.request->working_directory, "/tmp");
  EXPECT_EQ(guest.process->directory(), "/");
  EXPECT_EQ(
      spawn({at_path(GuestSpawnAction::chdir, 0, "tmp"), action(GuestSpawnAction::fchdir, 3)}),
      Errno::success);
  EXPECT_EQ(family.request->working_directory, "/");
  EXPECT_EQ(spawn({action(GuestSpawnAction::fchdir, 1)}), Errno::notdir);
}

TEST_F(SpawnCalls, BadActionsStartNothing) {
  EXPECT_EQ(spawn({action(GuestSpawnAction::close, 200)}), Errno::badf);
  EXPECT_EQ(spawn({action(GuestSpawnAction::dup2, 5, 200)}), Errno::badf);
  EXPECT_EQ(spawn({action(5, 0)}), Errno::inval);
  EXPECT_FALSE(family.request);
  EXPECT_EQ(
      guest.call("proc_spawn2", guest.put("tool"), 4, 64, 0, 0, 0, kWild, 3, 0, 0, 0, 0, 0, out),
      Errno::fault);
  EXPECT_EQ(
      guest.call("proc_spawn2", guest.put("tool"), 4, 64, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, kWild),
      Errno::fault);
  EXPECT_FALSE(family.request);
}

TEST_F(SpawnCalls, DispositionsGoAlong) {
  const std::uint32_t list = guest.put(std::string_view("\x0d\x01\x0f\x00", 4));
  EXPECT_EQ(
      guest.call("proc_spawn2", guest.put("tool"), 4, 64, 0, 0, 0, 0, 0, list, 2, 0, 0, 0, out),
      Errno::success);
  ASSERT_EQ(family.request->dispositions.size(), 2U);
  EXPECT_EQ(family.request->dispositions[0].signal, 13);
  EXPECT_EQ(family.request->dispositions[0].action, SignalDisposition::Action::ignore);
}

TEST_F(SpawnCalls, TheOldestFormGivesPipesForTheStreams) {
  std::signal(SIGPIPE, SIG_IGN);  // as every process that runs guests
  EXPECT_EQ(guest.call("proc_spawn", guest.put("tool"), 4, 0, guest.put("a\n"), 2, 0, 0, 1, 1, 3, 0,
                       0, out),
            Errno::success);
  const auto handles = guest.at<GuestProcessHandles>(out);
  EXPECT_EQ(handles.pid, 8U);
  EXPECT_EQ(handles.err.tag, 0);
  ASSERT_EQ(handles.in.tag, 1);
  ASSERT_EQ(handles.out.tag, 1);
  EXPECT_EQ(guest.write(static_cast<std::uint32_t>(handles.in.value), "x"), Errno::pipe)
      << "the fake child is gone, and with it the other end";
  EXPECT_EQ(guest.call("proc_spawn", guest.put("tool"), 4, 1, 64, 0, 0, 0, 2, 2, 2, 0, 0, out),
            Errno::notsup);
  EXPECT_EQ(guest.call("proc_spawn", guest.put("tool"), 4, 0, 64, 0, 0, 0, 9, 2, 2, 0, 0, out),
            Errno::inval);
}

TEST(SpawnCallsInAWorker, AreNotThere) {
  Guest guest{{.profile = kWasix}};
  const std::uint32_t out = guest.room(sizeof(GuestProcessHandles));
  EXPECT_EQ(guest.call("proc_exec3", 64, 0, 64, 0, 0, 0, 0, 0, 0), Errno::nosys);
  EXPECT_EQ(guest.call("proc_spawn2", 64, 0, 64, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, out), Errno::nosys);
  EXPECT_EQ(guest.call("proc_spawn", 64, 0, 0, 64, 0, 0, 0, 2, 2, 2, 0, 0, out), Errno::nosys);
}

}  // namespace
}  // namespace brink::wasi::testing
