#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "package/package_path.h"
#include "package/wasmer_toml.h"

/// Any bytes as a wasmer.toml: an error with a message, or a manifest that keeps
/// what its header promises.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace brink::package;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto annotations = [](std::string_view path) -> brink::Result<std::string> {
    return std::string(path);
  };
  const auto manifest = read_wasmer_toml(text, "fuzz.toml", annotations);
  if (!manifest) {
    BRINK_CHECK(manifest.error().message.find('\0') == std::string::npos);
    BRINK_CHECK(manifest.error().message.starts_with("fuzz.toml") ||
                manifest.error().code == brink::ErrorCode::config_invalid);
    return 0;
  }
  for (const ManifestMapping& mapping : manifest->fs) {
    BRINK_CHECK(mapping.guest.starts_with('/') && check_package_path(mapping.host));
  }
  for (const ManifestCommand& command : manifest->commands) {
    BRINK_CHECK(manifest->module(command.module) != nullptr);
    for (const EnvironmentVariable& variable : command.env) BRINK_CHECK(!variable.name.empty());
  }
  BRINK_CHECK(manifest->commands.empty() == (manifest->start() == nullptr));
  return 0;
}
