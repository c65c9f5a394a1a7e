#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "http/path_codec.h"

// What decode_path lets through has no NUL and no dot segment, is no longer
// than what was sent, and starts at the root.

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 4096) return 0;
  std::string raw = "/";
  raw.append(reinterpret_cast<const char*>(data), size);
  if (raw.find('\0') != std::string::npos) return 0;  // no target has one
  std::string storage;
  const auto path = brink::http::decode_path(raw, storage);
  if (!path) return 0;
  BRINK_CHECK(path->starts_with('/') && path->size() <= raw.size());
  BRINK_CHECK(path->find('\0') == std::string_view::npos);
  const std::string closed = std::string(*path) + "/";
  BRINK_CHECK(closed.find("/./") == std::string::npos);
  BRINK_CHECK(closed.find("/../") == std::string::npos);
  return 0;
}
