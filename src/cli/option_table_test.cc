#include "cli/option_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <sstream>

namespace brink::cli {
namespace {

using testing::ElementsAre;

const std::array kTable = {
    OptionRow{"--port", "N", "A port"},
    OptionRow{"--env", "NAME=VALUE", "A variable", OptionRow::Times::many},
    OptionRow{"--quiet", "", "Print less"},
};

Result<Words> sort(const std::vector<std::string>& words) {
  return sort_words(words, kTable, "do it");
}

std::string error(const std::vector<std::string>& words) {
  const auto sorted = sort(words);
  return sorted ? "accepted" : sorted.error().text();
}

TEST(OptionTable, SortsWords) {
  const auto words = sort({"--env", "-a", "x", "--port=7", "--env=B=c", "--quiet", "--", "--port"});
  ASSERT_TRUE(words) << words.error().text();
  EXPECT_EQ(words->path, "x");
  ASSERT_EQ(words->options.size(), 4U);
  EXPECT_EQ(words->options[0].row, &kTable[1]);
  EXPECT_EQ(words->options[0].value, "-a");
  EXPECT_EQ(words->options[1].value, "7");
  EXPECT_EQ(words->options[2].value, "B=c");
  EXPECT_EQ(words->options[3].row, &kTable[2]);
  EXPECT_THAT(*words->program, ElementsAre("--port"));
  EXPECT_FALSE(sort({"x"})->program);
}

TEST(OptionTable, SaysWhatIsWrong) {
  EXPECT_EQ(error({"--port"}), "--port: the value is missing; write --port N");
  EXPECT_EQ(error({"--port", "--quiet", "x"}), "--port: the value is missing; write --port N");
  EXPECT_EQ(error({"--port", "--"}), "--port: the value is missing; write --port N");
  EXPECT_EQ(error({"--port="}), "--port: the value is empty; write --port N");
  EXPECT_EQ(error({"--env", ""}), "--env: the value is empty; write --env NAME=VALUE");
  EXPECT_EQ(error({"--quiet=foo"}), "--quiet takes no value; write --quiet alone, or leave it out");
  EXPECT_EQ(error({"--quiet", "--quiet"}), "--quiet is given twice; remove one of them");
  EXPECT_EQ(error({"--port", "1", "--port=2"}), "--port is given twice; remove one of them");
  EXPECT_EQ(error({"-port", "1"}), "there is no option '-port'; did you mean --port?");
  EXPECT_EQ(error({"--colour=red"}), "there is no option '--colour'; see do it --help");
  EXPECT_EQ(error({"-p"}), "there is no option '-p'; see do it --help");
  EXPECT_EQ(error({"a", "b"}),
            "'b' is one argument too many; put what is meant for the program behind --");
  EXPECT_EQ(error({"-"}),
            "a program cannot be read from standard input; give a .wasm file, or a directory with "
            "a wasmer.toml");
}

TEST(OptionTable, FindsHelpInFrontOfTheDashesOnly) {
  EXPECT_TRUE(asks_for_help(std::vector<std::string>{"x", "-h"}));
  EXPECT_TRUE(asks_for_help(std::vector<std::string>{"--wrong", "--help"}));
  EXPECT_FALSE(asks_for_help(std::vector<std::string>{"x", "--", "--help"}));
}

TEST(OptionTable, PrintsLinesOfEightyColumns) {
  const std::array table = {
      OptionRow{"--a", "", "Short"},
      OptionRow{"--quite-a-long-name-of-an-option", "VALUE", std::string(43, 'x') + " tail tail"}};
  EXPECT_EQ(option_lines(table),
            "  --a                         Short\n"
            "  --quite-a-long-name-of-an-option VALUE\n" +
                std::string(30, ' ') + std::string(43, 'x') + " tail\n" + std::string(30, ' ') +
                "tail\n");
}

}  // namespace
}  // namespace brink::cli
