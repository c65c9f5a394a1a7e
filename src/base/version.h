#pragma once

#include <string_view>

namespace brink {

/// This build's version, as in "0.1.0".
std::string_view version() noexcept;

}  // namespace brink
