#include "base/error.h"

#include <gtest/gtest.h>

#include <cerrno>

#include "base/result.h"

namespace brink {
namespace {

TEST(Errors, CarryCauseRemedyAndContextOnOneLine) {
  const Error error = Error{ErrorCode::usage, "no such option", "see --help"}.in("brink run");
  EXPECT_EQ(error.text(), "brink run: no such option; see --help");
}

TEST(Errors, TellGuestTimeFromGuestFaultFromOurs) {
  EXPECT_EQ(traits(ErrorCode::guest_wall_time).status, 504);
  EXPECT_EQ(traits(ErrorCode::guest_trap).status, 502);
  EXPECT_EQ(traits(ErrorCode::queue_full).status, 503);
  EXPECT_EQ(traits(ErrorCode::internal).status, 500);
  EXPECT_EQ(traits(ErrorCode::guest_trap).fault, Fault::app);
}

TEST(Errors, NameTheSystemsReason) {
  EXPECT_EQ(errno_error(ErrorCode::io_error, "x.wasm", ENOENT).message,
            "x.wasm: No such file or directory");
}

Result<int> doubled(Result<int> input) {
  TRY(const int value, std::move(input));
  return value * 2;
}

TEST(Results, TryReturnsTheFirstError) {
  EXPECT_EQ(doubled(21), 42);
  EXPECT_FALSE(doubled(fail(ErrorCode::internal, "no")));
}

}  // namespace
}  // namespace brink
