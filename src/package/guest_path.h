#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "package/app_spec.h"

namespace brink::package {

/// The absolute, normal form of a path inside the guest: "data//x/." is
/// "/data/x". A relative name counts from the root. A `..` component, an empty
/// path and a NUL character are errors of code `usage`.
Result<std::string> normal_guest_path(std::string_view path);

/// A directory cannot be put at /dev or below, where the devices are: an error of
/// code `usage`. `path` is normal. /tmp is a place like others: what is put there
/// takes the place of the fresh one of every instance.
Result<void> check_mount_place(std::string_view path);

/// A mount as the command line writes it.
struct Mount {
  std::string host;   ///< as written; may be relative to the current directory
  std::string guest;  ///< normal, absolute
  Access access = Access::read_only;
  std::string name = guest;  ///< as written: "data", "./data", "/data/"
  bool operator==(const Mount&) const = default;
};

/// `HOST:GUEST[:ro|rw]`, read-only unless it ends in `:rw`: a program of
/// unknown origin must not change files because a suffix was forgotten. A host
/// path may contain colons, a guest path may not.
Result<Mount> parse_mount(std::string_view text);

/// `NAME=VALUE`; the value may be empty and contain '='.
Result<EnvironmentVariable> parse_variable(std::string_view text);

}  // namespace brink::package
