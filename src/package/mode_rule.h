#pragma once

#include <string>

#include "base/result.h"
#include "package/app_spec.h"
#include "package/assemble.h"
#include "package/package_source.h"

namespace brink::package {

struct ChosenMode {
  Mode mode;
  std::string reason;  ///< `wasmer.toml says runner = "wcgi"`
};

/// The mode by the rule that assemble() documents, or why this version cannot
/// run the program in it. A pure function.
Result<ChosenMode> choose_mode(ModeChoice asked, const PackageSource& source,
                               const ModuleFacts& facts);

}  // namespace brink::package
