#include "package/mode_rule.h"

#include <fmt/format.h>

#include "package/diagnostics.h"

namespace brink::package {
namespace {

std::string says(const std::filesystem::path& file, std::string_view what) {
  return fmt::format("{} says {}", file.filename().string(), what);
}

/// What the start command's runner means, if it decides anything.
Result<std::optional<ChosenMode>> by_runner(const PackageSource& source) {
  if (!source.manifest) return std::nullopt;
  const ManifestCommand& command = *source.manifest->start();
  const std::string reason =
      says(source.manifest->file, fmt::format("runner = \"{}\"", command.runner));
  const auto refuse = [&](std::string_view why) {
    return fail(ErrorCode::config_invalid,
                fmt::format("{}:{}:{}: runner {} {}", source.manifest->file, command.at.line,
                            command.at.column, in_quotes(command.runner), why),
                "use the runner wasi or wcgi, or give --mode wcgi or --mode command");
  };
  switch (classify_runner(command.runner)) {
    case Runner::wasi:
      return std::nullopt;
    case Runner::wcgi:
      return ChosenMode{Mode::wcgi, reason};
    case Runner::dproxy:
      return ChosenMode{Mode::proxy, reason};
    case Runner::dcgi:
      return refuse("keeps state between requests, which is not supported by this version");
    case Runner::emscripten:
    case Runner::wasm4:
      return refuse("is for programs that are not WASI programs");
    case Runner::unknown:
      break;
  }
  return refuse("is not known");
}

Result<ChosenMode> decide(ModeChoice asked, const PackageSource& source, const ModuleFacts& facts) {
  if (asked) return ChosenMode{*asked, fmt::format("--mode {}", to_string(*asked))};
  if (source.config && source.config->mode) {
    const Mode mode = *source.config->mode;
    return ChosenMode{mode, says(source.config->file, fmt::format("mode: {}", to_string(mode)))};
  }
  TRY(const auto runner, by_runner(source));
  if (runner) return *runner;
  if (source.config && !source.config->listen.empty()) {
    return ChosenMode{Mode::stream, says(source.config->file, "listen:")};
  }
  if (facts.sockets == ModuleFacts::Sockets::listens) {
    return ChosenMode{Mode::proxy, "the module imports sock_listen"};
  }
  return ChosenMode{Mode::wcgi, "nothing says otherwise, and the module does not listen"};
}

}  // namespace

Result<ChosenMode> choose_mode(ModeChoice asked, const PackageSource& source,
                               const ModuleFacts& facts) {
  TRY(ChosenMode chosen, decide(asked, source, facts));
  if (chosen.mode == Mode::wcgi || chosen.mode == Mode::command) return chosen;
  return fail(ErrorCode::usage,
              fmt::format("mode {} is not supported by this version ({})", to_string(chosen.mode),
                          chosen.reason),
              "if it is a CGI program, give --mode wcgi; to run it once, --mode command");
}

}  // namespace brink::package
