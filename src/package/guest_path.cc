#include "package/guest_path.h"

#include <fmt/format.h>

#include "package/diagnostics.h"

namespace brink::package {

Result<std::string> normal_guest_path(std::string_view path) {
  if (path.empty()) {
    return fail(ErrorCode::usage, "the path inside the program is empty", "write / or a name");
  }
  if (path.find('\0') != std::string_view::npos) {
    return fail(ErrorCode::usage, fmt::format("{} has a NUL character", in_quotes(path)),
                "remove it");
  }
  std::string normal;
  for (std::size_t from = 0; from < path.size();) {
    std::size_t to = path.find('/', from);
    if (to == std::string_view::npos) to = path.size();
    const std::string_view part = path.substr(from, to - from);
    if (part == "..") {
      return fail(ErrorCode::usage, fmt::format("{} has a '..'", in_quotes(path)),
                  "write the path inside the program out from /");
    }
    if (!part.empty() && part != ".") normal.append("/").append(part);
    from = to + 1;
  }
  return normal.empty() ? "/" : normal;
}

Result<void> check_mount_place(std::string_view path) {
  if (path != "/dev" && !path.starts_with("/dev/")) return {};
  return fail(ErrorCode::usage, fmt::format("{} is where the devices are", in_quotes(path)),
              "choose another path inside the program");
}

Result<Mount> parse_mount(std::string_view text) {
  const auto bad = [&](std::string_view why) {
    return fail(ErrorCode::usage, fmt::format("mount {}: {}", in_quotes(text), why),
                "write HOST:GUEST, HOST:GUEST:ro or HOST:GUEST:rw");
  };
  Mount mount;
  std::string_view paths = text;
  if (paths.ends_with(":rw")) {
    mount.access = Access::read_write;
    paths.remove_suffix(3);
  } else if (paths.ends_with(":ro")) {
    paths.remove_suffix(3);
  }
  const std::size_t colon = paths.rfind(':');
  // "a:/b:rx" would otherwise be a host path "a:/b".
  if (colon != std::string_view::npos && paths.substr(0, colon).contains(":/")) {
    return bad(fmt::format("{} is neither ro nor rw", in_quotes(paths.substr(colon + 1))));
  }
  if (colon == std::string_view::npos) return bad("the path inside the program is missing");
  mount.host = paths.substr(0, colon);
  if (mount.host.empty()) return bad("the host path is missing");
  if (mount.host.find('\0') != std::string::npos) return bad("the host path has a NUL character");
  auto guest = normal_guest_path(paths.substr(colon + 1));
  const auto context = [&](Error error) {
    return std::unexpected(std::move(error).in(fmt::format("mount {}", in_quotes(text))));
  };
  if (!guest) return context(std::move(guest).error());
  if (auto place = check_mount_place(*guest); !place) return context(std::move(place).error());
  mount.guest = std::move(*guest);
  mount.name = paths.substr(colon + 1);
  return mount;
}

Result<EnvironmentVariable> parse_variable(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos || equals == 0) {
    return fail(ErrorCode::usage, fmt::format("{} is no variable", in_quotes(text)),
                "write NAME=VALUE");
  }
  if (text.find('\0') != std::string_view::npos) {
    return fail(ErrorCode::usage, fmt::format("{} has a NUL character", in_quotes(text)),
                "remove it");
  }
  return EnvironmentVariable{std::string(text.substr(0, equals)),
                             std::string(text.substr(equals + 1))};
}

}  // namespace brink::package
