#pragma once

#include "base/result.h"
#include "module/check.h"

namespace brink::module {

/// The part of check_runnable about imports.
Result<void> check_imports(const ModuleInfo& info, HostSignatures host);

}  // namespace brink::module
