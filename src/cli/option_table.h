#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace brink::cli {

/// One option of a command: what it is called, what it takes, what help says.
struct OptionRow {
  enum class Times : std::uint8_t { once, many };
  enum class Scope : std::uint8_t { any_mode, server };

  std::string name;   ///< with its dashes
  std::string value;  ///< what stands for the value in texts; empty: it takes none
  std::string description;
  Times times = Times::once;
  Scope scope = Scope::any_mode;  ///< server: means nothing to a program that runs once
};

/// The words behind a command, sorted.
struct Words {
  struct Given {
    const OptionRow* row;  ///< of the table
    std::string value;     ///< never empty where the option takes one
  };
  std::optional<std::string> path;
  std::vector<Given> options;                       ///< in their order
  std::optional<std::vector<std::string>> program;  ///< what stood behind "--"
};

/// Sorts `words` by `table`, which outlives the result. `command` is "brink run",
/// for messages. Errors are of code `usage`.
Result<Words> sort_words(std::span<const std::string> words, std::span<const OptionRow> table,
                         std::string_view command);

/// Whether -h or --help stands before the first "--".
bool asks_for_help(std::span<const std::string> words);

/// The table for help: a line or more per option, at most 80 columns wide.
std::string option_lines(std::span<const OptionRow> table);

}  // namespace brink::cli
