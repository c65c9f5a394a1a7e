#pragma once

#include <string>
#include <string_view>

#include "base/unique_fd.h"
#include "wasi/process.h"
#include "wasi/socket_lookup.h"

namespace brink::wasi {

/// Where a socket's path leads on the host: a directory and a name in it.
struct UnixPlace {
  UniqueFd directory;
  std::string name;
};

/// Looks the path of an AF_UNIX name up in the guest's files, as every other path:
/// through the layers, never out of them. `purpose` bind: a name that does not exist,
/// in a place that may be written; reach: one that does.
Outcome<UnixPlace> unix_place(Process& process, std::string_view path, NamePurpose purpose);

}  // namespace brink::wasi
