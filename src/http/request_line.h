#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "http/limits.h"
#include "http/request.h"

namespace brink::http {

/// The pieces of a target; views into it.
struct Target {
  TargetForm form = TargetForm::origin;
  std::string_view path;
  std::string_view query;
  std::string_view scheme;
  std::string_view authority;  ///< of absolute- and authority-form only
  bool has_query = false;
};

/// Takes a request target apart by form (RFC 9112 3.2): origin-form for any
/// method; absolute-form with http or https; authority-form for CONNECT and
/// nothing else; "*" for OPTIONS only. Bytes that are no visible ASCII, and
/// '#', are refused: nothing may be stripped or re-encoded on the way.
[[nodiscard]] Result<Target> parse_target(std::string_view target, std::string_view method);

struct RequestLine {
  std::string_view method;
  std::string_view target;
  std::uint8_t minor_version = 1;  ///< of HTTP/1.x
  Target parts;
};

/// Reads `method SP target SP HTTP/1.x` without its line end (RFC 9112 3):
/// exactly one space in each place, version in capitals.
[[nodiscard]] Result<RequestLine> parse_request_line(std::string_view line,
                                                     const RequestLimits& limits);

}  // namespace brink::http
