#include "base/version.h"

namespace brink {

std::string_view version() noexcept { return BRINK_VERSION; }

}  // namespace brink
