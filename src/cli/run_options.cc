#include "cli/run_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "base/check.h"
#include "base/suggest.h"
#include "base/version.h"
#include "cli/option_table.h"
#include "net/egress.h"
#include "package/diagnostics.h"
#include "package/guest_path.h"

namespace brink::cli {
namespace {

using package::in_quotes;

constexpr unsigned kMostWorkers = 80;  // three processes each fit the shared page
constexpr std::string_view kNeedsPath = "give a .wasm file, or a directory with a wasmer.toml";
constexpr std::array<std::string_view, 2> kCommands = {"run", "help"};
constexpr std::array<std::string_view, 3> kModes = {"auto", "wcgi", "command"};

/// Limits that have an option of their own beside --limit.
struct LimitOption {
  std::string_view option;
  std::string_view limit;
};
constexpr std::array kLimitOptions = {
    LimitOption{"--wall-time", "wall_time"}, LimitOption{"--cpu-time", "cpu_time"},
    LimitOption{"--memory", "memory"}, LimitOption{"--output", "output"}};

std::vector<OptionRow> run_table() {
  constexpr auto kOnce = OptionRow::Times::once;
  constexpr auto kMany = OptionRow::Times::many;
  constexpr auto kServer = OptionRow::Scope::server;
  std::vector<OptionRow> table = {
      {"--listen", "ADDR:PORT", "Where to serve (default 127.0.0.1:8080; port 0: any free one)",
       kOnce, kServer},
      {"--workers", "N", "Worker processes (default: one for each usable CPU)", kOnce, kServer},
      {"--mode", "MODE", "How to run it: auto (default), wcgi or command"},
      {"--env", "NAME=VALUE", "Set a variable for the program; repeatable", kMany},
      {"--mount", "HOST:GUEST[:ro|rw]",
       "Show the program a directory; read-only unless it ends in :rw; repeatable", kMany},
      {"--egress", "RULE",
       "What it may connect to beside public addresses: all, ADDR[:PORT], a range; repeatable",
       kMany}};
  const package::Limits defaults;
  for (const auto& [option, limit] : kLimitOptions) {
    const package::LimitRow& row = *package::find_limit(limit);
    table.push_back(
        {std::string(option), "VALUE",
         fmt::format("{} (default {})", row.description, package::value_text(row, defaults))});
  }
  table.push_back({"--limit", "NAME=VALUE",
                   fmt::format("Any limit by its name; repeatable: {}",
                               fmt::join(package::limit_names(), ", ")),
                   kMany});
  table.push_back(
      {"--admin", "ADDR:PORT", "Where to serve metrics (default: nowhere)", kOnce, kServer});
  table.push_back({"--access-log", "", "Write one line for each request", kOnce, kServer});
  table.push_back({"--debug", "", "Show traps and backtraces on error pages", kOnce, kServer});
  table.push_back({"--quiet", "", "Print nothing but warnings, errors and the log"});
  return table;
}

std::string run_help() {
  return "Serves a program over HTTP, or runs it once with --mode command.\n\n"
         "Usage: brink run [OPTIONS] PATH [-- ARGS]\n\n"
         "PATH is a .wasm file, or a directory with a wasmer.toml. ARGS go to the program.\n\n"
         "Options:\n" +
         option_lines(run_table()) +
         "  -h, --help                  Explain this\n\n"
         "Examples:\n"
         "  brink run hello.wasm\n"
         "  brink run site/ --listen 0.0.0.0:8000 --mount ./data:/data:rw --env COLOUR=red\n"
         "  brink run tool.wasm --mode command -- --verbose file\n";
}

std::string general_help() {
  return "brink serves WebAssembly programs on the network.\n\n"
         "Usage: brink COMMAND\n\n"
         "Commands:\n"
         "  run PATH      Serve a program over HTTP, or run it once with --mode command\n"
         "  help [run]    Explain brink, or one of its commands\n\n"
         "Options:\n"
         "  -h, --help    Explain this\n"
         "  --version     Print the version\n\n"
         "Example:\n"
         "  brink run hello.wasm\n";
}

std::unexpected<Error> usage(std::string message, std::string remedy) {
  return fail(ErrorCode::usage, std::move(message), std::move(remedy));
}

/// The remedy for a word that is none of `known`.
std::string meant(std::string_view word, std::span<const std::string_view> known,
                  std::string otherwise) {
  const std::string_view near = suggest(word, known);
  return near.empty() ? std::move(otherwise) : fmt::format("did you mean {}?", near);
}

Result<package::ModeChoice> read_mode(const std::string& word) {
  const auto mode = package::parse_mode(word);
  if (!mode) {
    return usage(fmt::format("--mode {}: there is no such mode", in_quotes(word)),
                 meant(word, kModes, "write auto, wcgi or command"));
  }
  if (*mode == package::Mode::proxy || *mode == package::Mode::stream) {
    return usage(fmt::format("--mode {} is not supported by this version", word),
                 "write auto, wcgi or command");
  }
  return *mode;
}

Result<unsigned> read_workers(const std::string& text) {
  unsigned workers = 0;
  const char* end = text.data() + text.size();
  const auto [rest, problem] = std::from_chars(text.data(), end, workers);
  if (problem == std::errc() && rest == end && workers >= 1 && workers <= kMostWorkers) {
    return workers;
  }
  return usage(fmt::format("--workers: {} is no number of workers", in_quotes(text)),
               fmt::format("write 1 to {}", kMostWorkers));
}

Result<void> set_limit(package::LimitOverrides& limits, std::string_view option,
                       std::string_view name, std::string_view value) {
  if (limits.get(name)) {
    return usage(fmt::format("the limit {} is given twice", name), "remove one of them");
  }
  auto set = limits.set(name, value, ErrorCode::usage);
  if (!set) return std::unexpected(std::move(set).error().in(option));
  return {};
}

/// "--limit NAME=VALUE"
Result<void> read_limit(package::LimitOverrides& limits, const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos) {
    return usage(fmt::format("--limit {} has no value", in_quotes(text)), "write NAME=VALUE");
  }
  const auto name = std::string_view(text).substr(0, equals);
  return set_limit(limits, fmt::format("--limit {}", in_quotes(name)), name,
                   std::string_view(text).substr(equals + 1));
}

/// parse(text), with the option's name in front of its error.
template <class Parse>
auto read_value(std::string_view option, const std::string& text, Parse parse) {
  auto value = parse(text);
  if (!value) value = std::unexpected(std::move(value).error().in(option));
  return value;
}

/// An EgressRule, with the error of a command line.
Result<net::EgressRule> read_egress_rule(std::string_view text) {
  auto rule = net::parse_egress_rule(text);
  if (!rule) return usage(rule.error().message, rule.error().remedy);
  return rule;
}

Result<void> apply_option(RunOptions& options, std::string_view name, const std::string& value) {
  package::RunRequest& request = options.request;
  if (name == "--listen") {
    TRY(options.listen, read_value(name, value, parse_endpoint));
  } else if (name == "--admin") {
    TRY(options.admin, read_value(name, value, parse_endpoint));
  } else if (name == "--workers") {
    TRY(options.workers, read_workers(value));
  } else if (name == "--mode") {
    TRY(request.mode, read_mode(value));
  } else if (name == "--env") {
    TRY(auto variable, read_value(name, value, package::parse_variable));
    package::set_variable(request.environment, std::move(variable));
  } else if (name == "--mount") {
    TRY(auto mount, read_value(name, value, package::parse_mount));
    request.mounts.push_back(std::move(mount));
  } else if (name == "--egress") {
    TRY(auto rule, read_value(name, value, read_egress_rule));
    request.egress.push_back(std::move(rule));
  } else if (name == "--limit") {
    TRY_VOID(read_limit(request.limits, value));
  } else if (name == "--access-log") {
    options.access_log = AccessLog::on;
  } else if (name == "--debug") {
    request.error_detail = package::ErrorDetail::shown;
  } else if (name == "--quiet") {
    options.verbosity = Verbosity::quiet;
  } else {
    const auto* row = std::ranges::find(kLimitOptions, name, &LimitOption::option);
    BRINK_CHECK(row != kLimitOptions.end());
    TRY_VOID(set_limit(request.limits, name, row->limit, value));
  }
  return {};
}

Result<Command> parse_run(std::span<const std::string> arguments, const Machine& machine) {
  if (asks_for_help(arguments)) return ShowText{run_help()};
  const std::vector<OptionRow> table = run_table();
  TRY(Words words, sort_words(arguments, table, "brink run"));
  if (!words.path) {
    return usage(fmt::format("brink run needs a PATH{}", words.program ? " in front of --" : ""),
                 fmt::format("{}; brink run --help explains", kNeedsPath));
  }
  RunOptions options;
  options.request.path = *words.path;
  options.request.arguments = std::move(words.program);
  options.request.machine_memory = machine.memory;
  options.workers = std::clamp(machine.cpus, 1U, kMostWorkers);
  for (const auto& [row, value] : words.options) {
    TRY_VOID(apply_option(options, row->name, value));
    if (row->scope == OptionRow::Scope::server) options.request.server_options.push_back(row->name);
  }
  if (options.admin == options.listen && options.listen.port != 0) {
    return usage("--admin and --listen are the same address", "give --admin another port");
  }
  return options;
}

Result<Command> parse_help(std::span<const std::string> words) {
  if (words.empty() || words.front() == "help") return ShowText{general_help()};
  if (words.front() == "run") return ShowText{run_help()};
  return usage(fmt::format("there is no command {}", in_quotes(words.front())),
               meant(words.front(), kCommands, "see brink help"));
}

/// What stands where a command should.
std::unexpected<Error> no_command(const std::string& word) {
  if (!word.starts_with('-')) {
    const bool is_path = word.ends_with(".wasm") || word.contains('/');
    return usage(fmt::format("there is no command {}", in_quotes(word)),
                 is_path ? fmt::format("to serve a program, write brink run {}", in_quotes(word))
                         : meant(word, kCommands, "see brink help"));
  }
  const std::string name = word.substr(0, word.find('='));
  for (const OptionRow& row : run_table()) {
    if (row.name == name) {
      return usage(fmt::format("{} stands in front of the command", name),
                   fmt::format("write brink run {}, then the rest", name));
    }
  }
  constexpr std::array<std::string_view, 2> kOptions = {"--help", "--version"};
  return usage(fmt::format("there is no option {}", in_quotes(name)),
               meant(name, kOptions, "see brink help"));
}

}  // namespace

Result<Command> parse_command_line(std::span<const std::string> arguments, const Machine& machine) {
  if (arguments.empty()) return ShowText{general_help()};
  const std::string& command = arguments.front();
  const auto rest = arguments.subspan(1);
  if (command == "run") return parse_run(rest, machine);
  if (command == "help") return parse_help(rest);
  if (command == "--help" || command == "-h") return ShowText{general_help()};
  if (command == "--version") return ShowText{fmt::format("brink {}\n", version())};
  return no_command(command);
}

}  // namespace brink::cli
