// docs/wasix.md lists what the table holds. With BRINK_UPDATE_DOCS set, this test
// writes the list anew.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "wasi/call_table.h"

namespace brink::wasi {
namespace {

constexpr std::string_view kBegin = "<!-- calls: begin -->\n";
constexpr std::string_view kEnd = "<!-- calls: end -->\n";

std::string modules_of(const CallRow& row) {
  std::vector<std::string_view> names;
  if ((row.modules & offered::preview1) != 0) names.emplace_back("preview1");
  if ((row.modules & offered::wasix) != 0) names.emplace_back("wasix");
  if ((row.modules & offered::threads) != 0) names.emplace_back("wasi");
  if ((row.modules & offered::unstable) != 0) names.emplace_back("unstable");
  return fmt::format("{}", fmt::join(names, " "));
}

std::string_view support_of(const CallRow& row) {
  switch (row.support) {
    case Support::works:
      return "works";
    case Support::limited:
      return "limited";
    case Support::not_offered:
      break;
  }
  return "not offered";
}

std::string list() {
  std::string out =
      "| call | modules | priority | waits | support | what |\n|---|---|---|---|---|---|\n";
  for (const CallRow& row : call_table()) {
    out +=
        fmt::format("| `{}` | {} | p{} | {} | {} | {} |\n", row.function.name, modules_of(row),
                    static_cast<int>(row.priority),
                    row.waits == CallRow::Waits::may ? "may" : "never", support_of(row), row.note);
  }
  return out;
}

TEST(WasixPage, ListsTheCallsOfTheTable) {
  const std::string path = std::string(BRINK_DOCS_DIR) + "/wasix.md";
  std::ifstream file(path);
  const std::string page{std::istreambuf_iterator<char>(file), {}};
  const std::size_t begin = page.find(kBegin);
  const std::size_t end = page.find(kEnd);
  ASSERT_NE(begin, std::string::npos);
  ASSERT_NE(end, std::string::npos);
  const std::size_t from = begin + kBegin.size();
  if (std::getenv("BRINK_UPDATE_DOCS") != nullptr) {
    std::ofstream(path) << page.substr(0, from) << list() << page.substr(end);
    return;
  }
  EXPECT_EQ(page.substr(from, end - from), list())
      << "write it anew: BRINK_UPDATE_DOCS=1 build/dev/src/wasi/brink_wasi_test "
         "--gtest_filter=WasixPage.*";
}

TEST(CallTable, SaysWhyARowIsNotAllThereIs) {
  for (const CallRow& row : call_table()) {
    EXPECT_FALSE(row.note.empty()) << row.function.name;
    if (row.support != Support::works) {
      EXPECT_THAT(row.note, ::testing::HasSubstr(":")) << row.function.name;
    }
  }
}

}  // namespace
}  // namespace brink::wasi
