#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "package/app_yaml.h"

/// Any bytes as an app.yaml: an error with a message, or a configuration within
/// bounds.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace brink::package;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto config = read_app_yaml(text, "fuzz.yaml");
  if (!config) {
    BRINK_CHECK(config.error().message.starts_with("fuzz.yaml"));
    return 0;
  }
  for (const LimitRow& row : kLimits) {
    const auto value = config->limits.get(row.key);
    BRINK_CHECK(!value || (*value >= row.min && *value <= row.max));
  }
  for (const EnvironmentVariable& variable : config->env) {
    BRINK_CHECK(!variable.name.empty() && !variable.name.contains('='));
    BRINK_CHECK(variable.value.find('\0') == std::string::npos);
  }
  for (const Listener& listener : config->listen) BRINK_CHECK(listener.port != 0);
  return 0;
}
