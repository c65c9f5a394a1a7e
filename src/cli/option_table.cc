#include "cli/option_table.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/suggest.h"
#include "package/diagnostics.h"

namespace brink::cli {
namespace {

using package::in_quotes;

std::unexpected<Error> usage(std::string message, std::string remedy) {
  return fail(ErrorCode::usage, std::move(message), std::move(remedy));
}

/// "--listen ADDR:PORT"
std::string form(const OptionRow& row) {
  return row.value.empty() ? row.name : row.name + " " + row.value;
}

std::unexpected<Error> unknown_option(const std::string& name, std::span<const OptionRow> table,
                                      std::string_view command) {
  std::vector<std::string_view> known = {"--help"};
  for (const OptionRow& row : table) known.push_back(row.name);
  const std::string_view near = suggest(name, known);
  return usage(
      fmt::format("there is no option {}", in_quotes(name)),
      near.empty() ? fmt::format("see {} --help", command) : fmt::format("did you mean {}?", near));
}

class Sorter {
 public:
  Sorter(std::span<const std::string> words, std::span<const OptionRow> table,
         std::string_view command)
      : words_(words), table_(table), command_(command) {}

  Result<Words> sort() {
    while (next_ < words_.size()) {
      const std::string& word = words_[next_++];
      if (word == "--") {
        out_.program.emplace(words_.begin() + static_cast<std::ptrdiff_t>(next_), words_.end());
        break;
      }
      TRY_VOID(word.starts_with('-') ? take_option(word) : take_path(word));
    }
    return std::move(out_);
  }

 private:
  Result<void> take_path(const std::string& word) {
    if (out_.path) {
      return usage(fmt::format("{} is one argument too many", in_quotes(word)),
                   "put what is meant for the program behind --");
    }
    if (word.empty()) {
      return usage("PATH is empty", "give a .wasm file, or a directory with a wasmer.toml");
    }
    out_.path = word;
    return {};
  }

  Result<void> take_option(const std::string& word) {
    if (word == "-") {
      return usage("a program cannot be read from standard input",
                   "give a .wasm file, or a directory with a wasmer.toml");
    }
    const std::size_t equals = word.find('=');
    const std::string name = word.substr(0, equals);
    const auto row = std::ranges::find(table_, name, &OptionRow::name);
    if (row == table_.end()) return unknown_option(name, table_, command_);
    if (row->times == OptionRow::Times::once &&
        std::ranges::find(out_.options, &*row, &Words::Given::row) != out_.options.end()) {
      return usage(fmt::format("{} is given twice", name), "remove one of them");
    }
    if (row->value.empty()) {
      if (equals != std::string::npos) {
        return usage(fmt::format("{} takes no value", name),
                     fmt::format("write {} alone, or leave it out", name));
      }
      out_.options.push_back({&*row, {}});
      return {};
    }
    return take_value(
        *row, equals == std::string::npos ? std::nullopt : std::optional(word.substr(equals + 1)));
  }

  Result<void> take_value(const OptionRow& row, std::optional<std::string> value) {
    const auto missing = [&](std::string_view what) {
      return usage(fmt::format("{}: the value is {}", row.name, what),
                   fmt::format("write {}", form(row)));
    };
    if (!value) {
      // What looks like an option is one: the value has been forgotten.
      if (next_ == words_.size() || words_[next_].starts_with("--")) return missing("missing");
      value = words_[next_++];
    }
    if (value->empty()) return missing("empty");
    out_.options.push_back({&row, std::move(*value)});
    return {};
  }

  std::span<const std::string> words_;
  std::span<const OptionRow> table_;
  std::string_view command_;
  std::size_t next_ = 0;
  Words out_;
};

}  // namespace

Result<Words> sort_words(std::span<const std::string> words, std::span<const OptionRow> table,
                         std::string_view command) {
  return Sorter(words, table, command).sort();
}

bool asks_for_help(std::span<const std::string> words) {
  const auto end = std::ranges::find(words, "--");
  return std::any_of(words.begin(), end,
                     [](const std::string& word) { return word == "-h" || word == "--help"; });
}

std::string option_lines(std::span<const OptionRow> table) {
  constexpr std::size_t kColumn = 30;
  constexpr std::size_t kWidth = 80;
  std::string out;
  for (const OptionRow& row : table) {
    std::string line = "  " + form(row);
    if (line.size() + 2 > kColumn) {
      out += line + "\n";
      line.clear();
    }
    line.resize(kColumn, ' ');
    std::string_view rest = row.description;
    while (line.size() + rest.size() > kWidth) {
      const std::size_t space = rest.rfind(' ', kWidth - kColumn);
      if (space == std::string_view::npos) break;
      out += line.append(rest.substr(0, space)) + "\n";
      line.assign(kColumn, ' ');
      rest.remove_prefix(space + 1);
    }
    out += line.append(rest) + "\n";
  }
  return out;
}

}  // namespace brink::cli
