#pragma once

#include <string_view>

#include "base/result.h"
#include "http/field.h"

namespace brink::http {

/// Reads one field line without its line end (RFC 9112 5): name, colon directly
/// after it, value with the white space around it taken off. Refuses folded
/// lines, names that are no token and control bytes in values.
[[nodiscard]] Result<Field> parse_field_line(std::string_view line);

}  // namespace brink::http
