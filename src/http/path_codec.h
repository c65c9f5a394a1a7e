#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace brink::http {

/// The path that programs and routing see, from the path as sent:
///  1. percent-encoded bytes are decoded once, except an encoded slash: "%2F"
///     stays as sent, so that decoding never makes new segments (RFC 3875
///     4.1.5); "%00" and a '%' without two hexadecimal digits are bad_request;
///  2. then "." and ".." segments, encoded ones included, are resolved as in
///     RFC 3986 5.2.4. A path that climbs above its root is bad_request rather
///     than cut off there: no honest client sends it, and a program that joins
///     it to a directory must never see one. Empty segments ("//") stay.
///
/// Returns `raw` itself when there is nothing to do (no copy), else a view of
/// `storage`, which is overwritten. "*" (asterisk-form) passes unchanged.
[[nodiscard]] Result<std::string_view> decode_path(std::string_view raw, std::string& storage);

}  // namespace brink::http
