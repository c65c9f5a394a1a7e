#pragma once

#include "app/family_plan.h"

namespace brink::app {

/// The life of a process that init has forked: loads the program, gives up all
/// rights but those that the guest's calls need, and runs it. Says to init that it
/// runs, or why it cannot.
[[noreturn]] void run_guest_process(FamilyPlan& plan, FreshProcess fresh);

}  // namespace brink::app
