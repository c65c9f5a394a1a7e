#pragma once

#include "base/result.h"
#include "base/units.h"

namespace brink::app {

/// The exit code of a program that was ended for its time, as timeout(1) has it.
inline constexpr int kOutOfTime = 124;

/// From now on the process ends with kOutOfTime and a line on standard error once
/// it has lived for `wall` or used `cpu` of processor time; package::kUnbounded
/// bounds nothing. The kernel watches, so a guest that spins or waits cannot miss
/// it. Takes SIGALRM and SIGXCPU. Call once.
Result<void> arm_time_limits(Duration wall, Duration cpu);

}  // namespace brink::app
