#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "wasi/files/file_tree.h"

namespace brink::launch {

/// The files of a system that libraries expect, for programs whose root the tree
/// provides: /etc/hosts (of our own; `name` is this host's, left out when it is no
/// host name), /etc/services (a few), /etc/resolv.conf, /etc/localtime and the
/// certificates of /etc/ssl as this machine has them, left out where it has none.
/// Opened once, by the node; a process of the program only reads them.
Result<std::vector<wasi::files::ProvidedFile>> open_system_files(std::string_view name);

/// What is in the resolv.conf of a guest, from the host's: name servers on the
/// loopback interface are left out, since no guest reaches them there.
std::string guest_resolv_conf(std::string_view host);

}  // namespace brink::launch
