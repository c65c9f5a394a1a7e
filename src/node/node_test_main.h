#pragma once

#include <cstdint>

namespace brink::node {

/// As the memory limit of a CompileJob: what the test program's compiler does
/// instead of compiling.
enum class CompilerDoes : std::uint64_t {
  killed = 1001,
  out_of_time,
  hangs_up,
  nonsense,
  nothing,
};

}  // namespace brink::node
