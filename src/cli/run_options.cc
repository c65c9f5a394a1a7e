// The only file that includes CLI11.
#include "cli/run_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include <CLI/CLI.hpp>

#include "base/suggest.h"
#include "base/version.h"
#include "package/diagnostics.h"
#include "package/guest_path.h"

namespace brink::cli {
namespace {

using package::in_quotes;

constexpr unsigned kMostWorkers = 80;  // three processes each fit the shared page
constexpr std::string_view kSeeHelp = "see brink run --help";

/// Limits that have an option of their own beside --limit.
struct LimitOption {
  const char* option;
  std::string_view limit;
};
constexpr std::array kLimitOptions = {
    LimitOption{"--wall-time", "wall_time"}, LimitOption{"--cpu-time", "cpu_time"},
    LimitOption{"--memory", "memory"}, LimitOption{"--output", "output"}};

/// The words of the command line as CLI11 leaves them; their meaning comes after.
struct Words {
  std::string path;
  std::string listen = "127.0.0.1:8080";
  std::string admin;
  std::string mode = "auto";
  std::string workers;
  std::vector<std::string> env;
  std::vector<std::string> mounts;
  std::vector<std::string> egress;
  std::vector<std::string> limits;
  std::array<std::string, kLimitOptions.size()> limit_options;
  bool access_log = false;
  bool debug = false;
  bool quiet = false;
};

/// A repeatable option that takes one value each time; CLI11's own default would
/// swallow the PATH behind it.
void add_repeatable(CLI::App& run, const char* name, std::vector<std::string>& into,
                    const std::string& description, const char* value) {
  run.add_option(name, into, description)->allow_extra_args(false)->type_name(value);
}

void describe_limits(CLI::App& run, Words& words) {
  const package::Limits defaults;
  for (std::size_t i = 0; i < kLimitOptions.size(); ++i) {
    const package::LimitRow& row = *package::find_limit(kLimitOptions[i].limit);
    run.add_option(
           kLimitOptions[i].option, words.limit_options[i],
           fmt::format("{} (default {})", row.description, package::value_text(row, defaults)))
        ->type_name("VALUE");
  }
  add_repeatable(run, "--limit", words.limits,
                 fmt::format("Any limit by its name: {}", fmt::join(package::limit_names(), ", ")),
                 "NAME=VALUE");
}

CLI::App* describe_run(CLI::App& app, Words& words) {
  CLI::App* run =
      app.add_subcommand("run", "Serve a program over HTTP, or run it once with --mode command");
  run->allow_extras();
  run->footer("What stands behind -- is handed to the program: brink run PATH -- ARGS");
  run->add_option("PATH", words.path, "A .wasm file, or a directory with a wasmer.toml")
      ->type_name("");
  run->add_option("--listen", words.listen,
                  "Where to serve (default 127.0.0.1:8080; port 0: any free one)")
      ->type_name("ADDR:PORT");
  run->add_option("--workers", words.workers, "Worker processes (default: one for each usable CPU)")
      ->type_name("N");
  add_repeatable(*run, "--env", words.env, "Set a variable for the program", "NAME=VALUE");
  add_repeatable(*run, "--mount", words.mounts,
                 "Show the program a directory; read-only unless it ends in :rw",
                 "HOST:GUEST[:ro|rw]");
  add_repeatable(*run, "--egress", words.egress,
                 "What the program may connect to beside public addresses: all, ADDR[:PORT] or a "
                 "range",
                 "RULE");
  run->add_option("--mode", words.mode, "How to run it: auto (default), wcgi or command")
      ->type_name("MODE");
  describe_limits(*run, words);
  run->add_option("--admin", words.admin, "Where to serve metrics (default: nowhere)")
      ->type_name("ADDR:PORT");
  run->add_flag("--access-log", words.access_log, "Write one line for each request");
  run->add_flag("--debug", words.debug, "Show traps and backtraces on error pages");
  run->add_flag("--quiet", words.quiet, "Print nothing but errors");
  for (CLI::Option* option : run->get_options()) {
    option->check(
        [](const std::string& value) { return value.empty() ? "the value is empty" : ""; });
  }
  return run;
}

std::unexpected<Error> usage(std::string message, std::string_view remedy = kSeeHelp) {
  return fail(ErrorCode::usage, std::move(message), std::string(remedy));
}

std::unexpected<Error> unexpected_word(const CLI::App& run, const std::string& word) {
  if (!word.starts_with('-')) {
    return usage(fmt::format("{} is one argument too many", in_quotes(word)),
                 "put what is meant for the program behind --");
  }
  std::vector<std::string> names;
  for (const CLI::Option* option : run.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  const std::vector<std::string_view> known(names.begin(), names.end());
  const std::string name = word.substr(0, word.find('='));
  const std::string_view near = suggest(name, known);
  return near.empty() ? usage(fmt::format("there is no option {}", in_quotes(name)))
                      : usage(fmt::format("there is no option {}", in_quotes(name)),
                              fmt::format("did you mean {}?", near));
}

std::unexpected<Error> no_command(const std::string& word) {
  return usage(fmt::format("there is no command {}", in_quotes(word)), "see brink help");
}

Result<package::ModeChoice> read_mode(const std::string& word) {
  const auto mode = package::parse_mode(word);
  if (!mode) {
    return usage(fmt::format("--mode {}: there is no such mode", in_quotes(word)),
                 "write auto, wcgi or command");
  }
  if (*mode == package::Mode::proxy || *mode == package::Mode::stream) {
    return usage(fmt::format("--mode {} is not supported by this version", word),
                 "write auto, wcgi or command");
  }
  return *mode;
}

/// --workers, or one for each CPU.
Result<unsigned> read_workers(const std::string& text, const Machine& machine) {
  if (text.empty()) return std::clamp(machine.cpus, 1U, kMostWorkers);
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

Result<package::LimitOverrides> read_limits(const Words& words) {
  package::LimitOverrides limits;
  for (const std::string& text : words.limits) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos) {
      return usage(fmt::format("--limit {} has no value", in_quotes(text)), "write NAME=VALUE");
    }
    const auto name = std::string_view(text).substr(0, equals);
    TRY_VOID(set_limit(limits, fmt::format("--limit {}", in_quotes(name)), name,
                       std::string_view(text).substr(equals + 1)));
  }
  for (std::size_t i = 0; i < kLimitOptions.size(); ++i) {
    const std::string& value = words.limit_options[i];
    if (value.empty()) continue;
    TRY_VOID(set_limit(limits, kLimitOptions[i].option, kLimitOptions[i].limit, value));
  }
  return limits;
}

/// parse(text), with the option's name in front of its error.
template <class Parse>
auto read_value(const char* option, const std::string& text, Parse parse) {
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

Result<Command> interpret(const Words& words, std::optional<std::vector<std::string>> arguments,
                          const Machine& machine) {
  if (words.path.empty()) {
    return usage("brink run needs a PATH", "give a .wasm file, or a directory with a wasmer.toml");
  }
  RunOptions options;
  options.request.path = words.path;
  options.request.arguments = std::move(arguments);
  options.request.machine_memory = machine.memory;
  TRY(options.workers, read_workers(words.workers, machine));
  TRY(options.listen, read_value("--listen", words.listen, parse_endpoint));
  if (!words.admin.empty()) {
    TRY(options.admin, read_value("--admin", words.admin, parse_endpoint));
    if (options.admin == options.listen && options.listen.port != 0) {
      return usage("--admin and --listen are the same address", "give --admin another port");
    }
  }
  for (const std::string& text : words.env) {
    TRY(auto variable, read_value("--env", text, package::parse_variable));
    package::set_variable(options.request.environment, std::move(variable));
  }
  for (const std::string& text : words.mounts) {
    TRY(auto mount, read_value("--mount", text, package::parse_mount));
    options.request.mounts.push_back(std::move(mount));
  }
  for (const std::string& text : words.egress) {
    TRY(auto rule, read_value("--egress", text, read_egress_rule));
    options.request.egress.push_back(std::move(rule));
  }
  TRY(options.request.mode, read_mode(words.mode));
  TRY(options.request.limits, read_limits(words));
  if (words.debug) options.request.error_detail = package::ErrorDetail::shown;
  if (words.access_log) options.access_log = AccessLog::on;
  if (words.quiet) options.verbosity = Verbosity::quiet;
  return options;
}

/// The words before and behind the first "--".
struct Split {
  std::vector<std::string> own;
  std::optional<std::vector<std::string>> program;
};
Split split_at_dashes(std::span<const std::string> arguments) {
  const auto dashes = std::ranges::find(arguments, "--");
  Split split{{arguments.begin(), dashes}, std::nullopt};
  if (dashes != arguments.end()) split.program.emplace(dashes + 1, arguments.end());
  return split;
}

Result<Command> parse(std::span<const std::string> arguments, const Machine& machine) {
  Words words;
  CLI::App app("brink serves WebAssembly programs on the network", "brink");
  bool version = false;
  app.add_flag("--version", version, "Print the version");
  app.allow_extras();
  CLI::App* run = describe_run(app, words);
  app.add_subcommand("help", "Explain brink, or one of its commands: brink help run");

  Split split = split_at_dashes(arguments);
  if (!split.own.empty() && split.own.front() == "help") {
    split.own.erase(split.own.begin());
    split.own.push_back("--help");
  }
  std::ranges::reverse(split.own);  // as CLI11 wants it
  try {
    app.parse(std::move(split.own));
  } catch (const CLI::CallForHelp&) {
    if (const auto rest = app.remaining(); !rest.empty()) return no_command(rest.front());
    return ShowText{app.help()};
  } catch (const CLI::ParseError& error) {
    return usage(error.what());
  }
  if (version) return ShowText{"brink " + std::string(brink::version()) + "\n"};
  if (!run->parsed()) {
    const std::vector<std::string> rest = app.remaining();
    if (!rest.empty()) return no_command(rest.front());
    return usage("no command is given", "see brink help");
  }
  if (const auto rest = run->remaining(); !rest.empty()) return unexpected_word(*run, rest.front());
  return interpret(words, std::move(split.program), machine);
}

}  // namespace

Result<Command> parse_command_line(std::span<const std::string> arguments, const Machine& machine) {
  return parse(arguments, machine);
}

}  // namespace brink::cli
