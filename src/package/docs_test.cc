// The manual must not say anything else than the code does.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include "package/app_yaml.h"
#include "package/file_text.h"
#include "package/limits.h"

namespace brink::package {
namespace {

std::string page(const char* name) {
  auto text = read_file_text(std::filesystem::path(BRINK_DOCS_DIR) / name, 1'000'000);
  EXPECT_TRUE(text) << text.error().text();
  return text.value_or("");
}

std::vector<std::string> table_rows(const std::string& text) {
  std::vector<std::string> rows;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("| `")) rows.push_back(line);
  }
  return rows;
}

TEST(LimitsPage, HasTheRowsOfTheTable) {
  std::vector<std::string> expected;
  for (const LimitRow& row : kLimits) {
    const std::string initial = row.key == "memory_sum"
                                    ? "half of the machine's or the cgroup's memory"
                                    : value_text(row, Limits{});
    expected.push_back(fmt::format("| `{}` | {} | {} | {} | {} |", row.key, initial,
                                   bound_text(row, row.min), bound_text(row, row.max),
                                   row.description));
  }
  EXPECT_THAT(table_rows(page("limits.md")), testing::ElementsAreArray(expected));
}

TEST(AppYamlPage, ShowsFilesThatAreRead) {
  const std::string text = page("app-yaml.md");
  constexpr std::string_view kFence = "```yaml\n";
  std::size_t examples = 0;
  for (std::size_t from = 0; (from = text.find(kFence, from)) != std::string::npos; ++examples) {
    from += kFence.size();
    const std::string example = text.substr(from, text.find("```", from) - from);
    const auto config = read_app_yaml(example, "example");
    EXPECT_TRUE(config) << config.error().text();
  }
  EXPECT_EQ(examples, 2U);
}

TEST(AppYamlPage, NamesEverySectionThatLeavesAWarning) {
  const auto config = read_app_yaml(
      "kind: wasmer.io/App.v0\npackage: .\ndomains: [a]\nlocality: {regions: [a]}\n"
      "enable_email: true\nredirect: {force_https: true}\nvolumes: [{name: a}]\n"
      "health_checks: [{}]\njobs: [{}]\nscheduled_tasks: [{}]\nvault: a\n"
      "capabilities: {runtime: {engine: a}, instaboot: {mode: a}, database: {engine: a},\n"
      "  cdn_cache: {enabled: true}, ssh: {enabled: true}}\n",
      "f");
  ASSERT_TRUE(config) << config.error().text();
  ASSERT_EQ(config->warnings.size(), 14U);
  const std::string text = page("app-yaml.md");
  for (const std::string& warning : config->warnings) {
    const std::size_t begin = warning.find(": ") + 2;
    const std::string key = warning.substr(begin, warning.find(": ", begin) - begin);
    EXPECT_THAT(text, testing::HasSubstr("`" + key + "`"));
  }
}

}  // namespace
}  // namespace brink::package
