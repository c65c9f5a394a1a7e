#pragma once

#include <cstdint>
#include <string>

#include "wasi/descriptor_table.h"

namespace brink::wasi {

/// What a process has put aside while it acts as its own child (proc_fork_env, the
/// vfork of programs whose stack cannot be copied): the child is a number without a
/// process, until it runs a program or ends.
struct BorrowedIdentity {
  std::uint32_t child;
  DescriptorTable descriptors;  ///< the parent's
  std::string directory;
};

}  // namespace brink::wasi
