#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "launch/launch_config.h"
#include "wasi/family.h"
#include "wasi/process.h"

namespace brink::app {

/// Which of the family's commands a guest means: by name, or as /bin/NAME or
/// /usr/bin/NAME. NOENT; NOEXEC for a file that is something else.
wasi::Outcome<std::uint32_t> find_command(const launch::LaunchConfig& config,
                                          const wasi::ProgramRequest& request,
                                          wasi::Process& process);

/// The strings of a block in which each ends with a NUL.
std::vector<std::string> split_strings(std::string_view block);

}  // namespace brink::app
