#pragma once

#include <vector>

#include "package/app_yaml.h"
#include "package/config_reader.h"

namespace brink::package {

/// Reads `listen:`, the ports of a stream app. Errors go to the reader's
/// diagnostics.
std::vector<Listener> read_listeners(MapReader& top);

}  // namespace brink::package
