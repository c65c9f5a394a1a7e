#pragma once

#include <cstddef>
#include <string_view>

#include "wasi/errno.h"

namespace brink::wasi::files {

enum class Removal { complete, partial };

/// Removes what is in the directory `name` of `parent`, then itself, taking one
/// from `budget` per removed name and stopping when it is used up; calling again
/// goes on. Follows no link. Uses three descriptors whatever the depth: inner
/// directories are moved up to `name` before they are emptied, so nobody else may
/// be using the tree.
Outcome<Removal> remove_tree(int parent, const char* name, std::size_t& budget);

}  // namespace brink::wasi::files
