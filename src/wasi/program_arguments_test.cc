#include "wasi/program_arguments.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace brink::wasi {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(ProgramArguments, EachEndsWithANewline) {
  EXPECT_THAT(*split_lines("sh\n-c\n\nlast\n"), ElementsAre("sh", "-c", "", "last"));
  EXPECT_THAT(*split_lines("without"), ElementsAre("without"));
  EXPECT_THAT(*split_lines("\n"), ElementsAre(""));
  EXPECT_THAT(*split_lines(""), IsEmpty());
}

TEST(ProgramArguments, AreBounded) {
  EXPECT_TRUE(split_lines(std::string(kMostArguments, '\n')));
  EXPECT_EQ(split_lines(std::string(kMostArguments + 1, '\n')).error(), Errno::toobig);
}

}  // namespace
}  // namespace brink::wasi
