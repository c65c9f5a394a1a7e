#include "http/path_codec.h"

#include <algorithm>
#include <cstddef>

#include "http/chars.h"
#include "http/refusal.h"

namespace brink::http {
namespace {

/// True when a segment begins with a dot: only then can one be "." or "..".
bool may_have_dot_segments(std::string_view path) noexcept {
  return path.find("/.") != std::string_view::npos;
}

Result<void> decode(std::string_view raw, std::string& out) {
  out.clear();
  out.reserve(raw.size());
  while (!raw.empty()) {
    const std::size_t percent = raw.find('%');
    out.append(raw.substr(0, percent));
    if (percent == std::string_view::npos) break;
    raw.remove_prefix(percent);
    const int high = raw.size() > 2 ? hex_value(raw[1]) : -1;
    const int low = raw.size() > 2 ? hex_value(raw[2]) : -1;
    if (high < 0 || low < 0) return refuse("a '%' in the path without two hexadecimal digits");
    const char byte = static_cast<char>(high * 16 + low);
    if (byte == '\0') return refuse("\"%00\" in the path");
    if (byte == '/') {
      out.append(raw.substr(0, 3));
    } else {
      out.push_back(byte);
    }
    raw.remove_prefix(3);
  }
  return {};
}

/// RFC 3986 5.2.4 in place: the output never overtakes the input.
Result<void> resolve_dot_segments(std::string& path) {
  std::size_t write = 0;
  std::size_t read = 0;
  while (read < path.size()) {
    const std::size_t end = std::min(path.find('/', read + 1), path.size());
    const std::string_view segment = std::string_view(path).substr(read, end - read);
    const bool is_last = end == path.size();
    if (segment == "/.") {
      if (is_last) path[write++] = '/';
    } else if (segment == "/..") {
      const std::size_t parent =
          write == 0 ? std::string::npos : std::string_view(path).rfind('/', write - 1);
      if (parent == std::string::npos) return refuse("a path that climbs above its root");
      write = parent;
      if (is_last) path[write++] = '/';
    } else {
      std::copy(segment.begin(), segment.end(), path.begin() + static_cast<std::ptrdiff_t>(write));
      write += segment.size();
    }
    read = end;
  }
  path.resize(write);
  return {};
}

}  // namespace

Result<std::string_view> decode_path(std::string_view raw, std::string& storage) {
  const bool encoded = raw.find('%') != std::string_view::npos;
  if (!encoded && !may_have_dot_segments(raw)) return raw;
  if (encoded) {
    TRY_VOID(decode(raw, storage));
  } else {
    storage.assign(raw);
  }
  if (may_have_dot_segments(storage)) {
    TRY_VOID(resolve_dot_segments(storage));
  }
  return std::string_view(storage);
}

}  // namespace brink::http
