#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "base/result.h"
#include "base/units.h"
#include "ipc/channel.h"
#include "module/check.h"
#include "module/reader.h"

namespace brink::compiler {

/// What a compiler process is told, beside the descriptors "module" (readable)
/// and "artefact" (an empty memory file that takes the result).
struct CompileJob {
  ByteSize memory_limit{};                      ///< of an instance
  Duration cpu_time = std::chrono::minutes(4);  ///< whole seconds
  ByteSize address_space{6ULL << 30};
  std::uint32_t uid = 0;  ///< whom to run as, when started as root
  std::uint32_t gid = 0;
};

std::string encode(const CompileJob& job);

/// What the rewriter does to every module, as text: part of an artefact's key.
std::string_view rewriting();

/// Whether brink can run a module that was read: cheap, needs no engine. `limit`
/// is the memory that an instance may have. Errors: module_invalid.
Result<void> check(const module::ModuleInfo& info, ByteSize limit);

/// The compiler role: one job, in a process that can do nothing else. Checks,
/// rewrites and compiles the module, and answers Ready or Failed. Returns the
/// exit code.
int run_compiler(ipc::Channel channel);

}  // namespace brink::compiler
