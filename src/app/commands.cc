#include "app/commands.h"

#include <algorithm>
#include <array>
#include <optional>

#include "wasi/files/file_space.h"

namespace brink::app {
namespace {

using wasi::Errno;
using wasi::Outcome;

constexpr std::array<std::string_view, 3> kPlaces = {"/bin", "/usr/bin", "/usr/local/bin"};

std::optional<std::uint32_t> index_of(const launch::LaunchConfig& config, std::string_view name) {
  const auto place = std::ranges::find(config.commands, name, &launch::LaunchConfig::Command::name);
  if (place == config.commands.end()) return std::nullopt;
  return static_cast<std::uint32_t>(place - config.commands.begin());
}

std::string_view without_slashes(std::string_view directory) {
  while (directory.size() > 1 && directory.ends_with('/')) directory.remove_suffix(1);
  return directory;
}

bool exists(wasi::Process& process, const std::string& path) {
  wasi::files::FileSpace* const space = process.files();
  if (space == nullptr || space->tree().preopens().empty()) return false;
  return space->stat(space->preopen(0), path, wasi::files::Follow::yes).has_value();
}

Outcome<std::uint32_t> at_path(const launch::LaunchConfig& config, std::string path,
                               wasi::Process& process) {
  if (!path.starts_with('/')) path = process.directory() + "/" + path;
  const std::size_t slash = path.rfind('/');
  const std::string_view directory = without_slashes(std::string_view(path).substr(0, slash));
  if (std::ranges::find(kPlaces, directory) != kPlaces.end()) {
    if (const auto index = index_of(config, path.substr(slash + 1))) return *index;
  }
  return std::unexpected(exists(process, path) ? Errno::noexec : Errno::noent);
}

}  // namespace

Outcome<std::uint32_t> find_command(const launch::LaunchConfig& config,
                                    const wasi::ProgramRequest& request, wasi::Process& process) {
  if (request.name.empty()) return std::unexpected(Errno::noent);
  if (request.name.find('/') != std::string::npos) return at_path(config, request.name, process);
  if (!request.path) {
    // A plain name is a command of the package, wherever the program is.
    if (const auto index = index_of(config, request.name)) return *index;
    return at_path(config, request.name, process);
  }
  Errno error = Errno::noent;
  std::string_view rest = *request.path;
  while (true) {
    const std::size_t colon = std::min(rest.find(':'), rest.size());
    const std::string directory(rest.substr(0, colon));
    const auto found =
        at_path(config, (directory.empty() ? "." : directory) + "/" + request.name, process);
    if (found) return found;
    if (found.error() == Errno::noexec) error = Errno::noexec;
    if (colon == rest.size()) return std::unexpected(error);
    rest.remove_prefix(colon + 1);
  }
}

std::vector<std::string> split_strings(std::string_view block) {
  std::vector<std::string> out;
  while (!block.empty()) {
    const std::size_t end = std::min(block.find('\0'), block.size());
    out.emplace_back(block.substr(0, end));
    block.remove_prefix(std::min(end + 1, block.size()));
  }
  return out;
}

}  // namespace brink::app
