#include "cli/report.h"

#include <gtest/gtest.h>

namespace brink::cli {
namespace {

TEST(ErrorLines, StandEachForItself) {
  EXPECT_EQ(error_lines({ErrorCode::usage, "cause", "remedy"}), "error: cause; remedy\n");
  EXPECT_EQ(error_lines({ErrorCode::config_invalid, "f:1:1: a\nf:2:1: b", ""}, "not reloaded: "),
            "error: not reloaded: f:1:1: a\nerror: not reloaded: f:2:1: b\n");
}

TEST(ErrorLines, DoNotWriteToTheTerminal) {
  EXPECT_EQ(error_lines({ErrorCode::file_not_found, "a\x1b[31m\n.wasm", ""}),
            "error: a?[31m?.wasm\n");
}

TEST(ExitCode, TellsWhatWasWrittenFromWhatTheMachineRefuses) {
  for (const ErrorCode code :
       {ErrorCode::usage, ErrorCode::config_invalid, ErrorCode::module_invalid,
        ErrorCode::file_not_found, ErrorCode::file_unreadable, ErrorCode::compile_failed}) {
    EXPECT_EQ(exit_code(code), 2) << traits(code).label;
  }
  for (const ErrorCode code : {ErrorCode::address_in_use, ErrorCode::io_error,
                               ErrorCode::resource_exhausted, ErrorCode::internal}) {
    EXPECT_EQ(exit_code(code), 1) << traits(code).label;
  }
}

}  // namespace
}  // namespace brink::cli
