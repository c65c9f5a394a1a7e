#include "node/compile.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include "node/node_test_main.h"
#include "package/test_directory.h"

namespace brink::node {
namespace {

using testing::HasSubstr;

// (module (memory (export "memory") 1) (func (export "_start")))
constexpr std::string_view kModule(
    "\0asm\1\0\0\0"
    "\x01\x04\x01\x60\0\0"
    "\x03\x02\x01\0"
    "\x05\x03\x01\0\x01"
    "\x07\x13\x02\x06memory\x02\0\x06_start\0\0"
    "\x0a\x04\x01\x02\0\x0b",
    8 + 6 + 4 + 5 + 21 + 6);

KeepGoing patiently(Duration /*spent*/) { return KeepGoing::yes; }

class CompileTest : public testing::Test {
 protected:
  Result<UniqueFd> compile(std::string_view module, compiler::CompileJob job,
                           const CompileProgress& progress = patiently) {
    const UniqueFd file(::memfd_create("module", MFD_CLOEXEC));
    EXPECT_EQ(::write(file.get(), module.data(), module.size()),
              static_cast<ssize_t>(module.size()));
    return get_artefact(store, std::as_bytes(std::span(module)), file.get(), job, progress);
  }
  std::string error_of(CompilerDoes what, compiler::CompileJob job = {},
                       const CompileProgress& progress = patiently) {
    job.memory_limit = ByteSize(static_cast<std::uint64_t>(what));
    const auto compiled = compile(kModule, job, progress);
    return compiled ? "(compiled)" : compiled.error().text();
  }

  package::TestDirectory directory;
  ArtefactStore store = ArtefactStore::open(directory.path()).value();
};

TEST_F(CompileTest, CompilesOnceAndThenFindsTheArtefact) {
  const auto first = compile(kModule, {ByteSize(1 << 20)});
  ASSERT_TRUE(first) << first.error().text();
  EXPECT_GT(::lseek(first->get(), 0, SEEK_END), 0);
  // No compiler is started for it any more: this one would die.
  const auto second =
      compile(kModule, {ByteSize(static_cast<std::uint64_t>(CompilerDoes::killed))});
  EXPECT_TRUE(second) << second.error().text();
}

TEST_F(CompileTest, HandsOnWhatTheCompilerSaysOfABadModule) {
  const auto compiled = compile(
      "\x7f"
      "ELF",
      {ByteSize(1 << 20)});
  ASSERT_FALSE(compiled);
  EXPECT_EQ(compiled.error().code, ErrorCode::module_invalid);
  EXPECT_THAT(compiled.error().text(), HasSubstr("ELF"));
}

TEST_F(CompileTest, SaysWhenTheCompilerWasKilled) {
  EXPECT_THAT(error_of(CompilerDoes::killed),
              HasSubstr("the compiler did not survive this module: killed by SIGKILL"));
}

TEST_F(CompileTest, SaysWhenTheProcessorTimeWasUsedUp) {
  EXPECT_THAT(error_of(CompilerDoes::out_of_time, {.cpu_time = std::chrono::seconds(7)}),
              HasSubstr("the compiler did not survive this module: it took more than 7s of "
                        "processor time; make the module smaller, or raise limits.compile_time"));
}

TEST_F(CompileTest, SaysWhenTheCompilerHangsUpOrTalksNonsense) {
  EXPECT_THAT(error_of(CompilerDoes::hangs_up), HasSubstr("exit code 5"));
  EXPECT_THAT(error_of(CompilerDoes::nonsense), HasSubstr("did not survive this module"));
}

TEST_F(CompileTest, GivesUpOnACompilerThatTakesTooLong) {
  EXPECT_THAT(error_of(CompilerDoes::nothing, {.cpu_time = std::chrono::milliseconds(100)}),
              HasSubstr("it took more than 400ms"));
}

TEST_F(CompileTest, EndsWhenItIsTold) {
  const auto impatient = [](Duration /*spent*/) { return KeepGoing::no; };
  EXPECT_EQ(error_of(CompilerDoes::nothing, {}, impatient), "brink is stopping");
}

}  // namespace
}  // namespace brink::node
