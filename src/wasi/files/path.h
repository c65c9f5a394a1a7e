#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "wasi/files/types.h"

namespace brink::wasi::files {

/// Bytes in a path without its NUL, as Linux: PATH_MAX - 1.
inline constexpr std::size_t kMaxPath = 4095;
/// Bytes in one component: NAME_MAX.
inline constexpr std::size_t kMaxName = 255;

/// Refuses what no file system is to see: ENOENT for an empty path, EINVAL for a
/// NUL, ENAMETOOLONG, EILSEQ for what is not UTF-8 (under `capability` rules).
Outcome<void> check_path(std::string_view path, PathRules rules);

/// Well-formed UTF-8 as of RFC 3629: shortest forms, no surrogates.
bool is_utf8(std::string_view text) noexcept;

/// Takes the first component off `rest`, with the slashes before it; empty when
/// there is none left. "a//b/" gives "a", "b", "".
std::string_view take_component(std::string_view& rest) noexcept;

/// Whether ".." is one of the components.
bool has_dot_dot(std::string_view path) noexcept;

/// Appends the components of `more` to the absolute path `to` ("" is the root),
/// leaving out ".". There must be no "..".
void append_path(std::string& to, std::string_view more);

/// Only slashes, or nothing.
inline bool is_finished(std::string_view rest) noexcept {
  return rest.find_first_not_of('/') == std::string_view::npos;
}

}  // namespace brink::wasi::files
