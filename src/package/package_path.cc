#include "package/package_path.h"

#include <filesystem>

#include "package/diagnostics.h"

namespace brink::package {

Result<void> check_package_path(std::string_view path) {
  const auto outside = [&](std::string_view why) {
    return fail(ErrorCode::config_invalid, in_quotes(path) + " " + std::string(why),
                "put the files into the package's directory");
  };
  if (path.empty()) return outside("names no file");
  const std::filesystem::path given(path);
  if (given.is_absolute()) return outside("is an absolute path");
  const std::filesystem::path normal = given.lexically_normal();
  if (*normal.begin() == "..") return outside("is outside of the package");
  return {};
}

}  // namespace brink::package
