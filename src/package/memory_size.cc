#include "package/memory_size.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <optional>
#include <string>

namespace brink::package {
namespace {

namespace fs = std::filesystem;

std::optional<std::uint64_t> leading_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [rest, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc()) return std::nullopt;
  return value;
}

std::optional<std::uint64_t> total_memory(const fs::path& root) {
  constexpr std::string_view kName = "MemTotal:";
  std::ifstream file(root / "proc/meminfo");
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with(kName)) continue;
    const std::size_t digits = line.find_first_not_of(" \t", kName.size());
    if (digits == std::string::npos) return std::nullopt;
    const auto kibibytes = leading_number(std::string_view(line).substr(digits));
    if (!kibibytes || *kibibytes > UINT64_MAX / 1024) return std::nullopt;
    return *kibibytes * 1024;
  }
  return std::nullopt;
}

/// The least limit on the way from `group` up to `top`, both included. The word
/// "max" (no limit) is no number and skipped.
std::uint64_t least_limit(const fs::path& top, fs::path group, std::string_view file_name) {
  std::uint64_t least = UINT64_MAX;
  while (true) {
    std::ifstream file(top / group.relative_path() / file_name);
    std::string text;
    if (file >> text) least = std::min(least, leading_number(text).value_or(UINT64_MAX));
    if (!group.has_relative_path()) return least;
    group = group.parent_path();
  }
}

/// cgroups(7): lines of /proc/self/cgroup are HIERARCHY:CONTROLLERS:PATH; version
/// 2 is hierarchy 0 with no controllers named.
std::uint64_t cgroup_limit(const fs::path& root) {
  std::uint64_t least = UINT64_MAX;
  std::ifstream file(root / "proc/self/cgroup");
  for (std::string line; std::getline(file, line);) {
    const std::size_t first = line.find(':');
    const std::size_t second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    const fs::path group = fs::path(line.substr(second + 1)).lexically_normal();
    if (controllers.empty()) {
      least = std::min(least, least_limit(root / "sys/fs/cgroup", group, "memory.max"));
    } else if (("," + controllers + ",").contains(",memory,")) {
      least = std::min(least,
                       least_limit(root / "sys/fs/cgroup/memory", group, "memory.limit_in_bytes"));
    }
  }
  return least;
}

}  // namespace

ByteSize usable_memory(const fs::path& root) {
  const std::uint64_t least = std::min(total_memory(root).value_or(UINT64_MAX), cgroup_limit(root));
  return least == UINT64_MAX ? 1_GiB : ByteSize(least);
}

}  // namespace brink::package
