#include "package/app_spec.h"

#include <algorithm>
#include <array>

namespace brink::package {
namespace {

constexpr std::array<std::string_view, 4> kModes = {"wcgi", "proxy", "stream", "command"};

}  // namespace

std::string_view to_string(Mode mode) noexcept { return kModes[static_cast<std::size_t>(mode)]; }

std::optional<ModeChoice> parse_mode(std::string_view word) noexcept {
  if (word == "auto") return ModeChoice{};
  const auto found = std::ranges::find(kModes, word);
  if (found == kModes.end()) return std::nullopt;
  return ModeChoice{static_cast<Mode>(found - kModes.begin())};
}

void set_variable(std::vector<EnvironmentVariable>& environment, EnvironmentVariable variable) {
  const auto same = std::ranges::find(environment, variable.name, &EnvironmentVariable::name);
  if (same == environment.end()) {
    environment.push_back(std::move(variable));
  } else {
    same->value = std::move(variable.value);
  }
}

}  // namespace brink::package
