#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace brink::http {

/// fail() out of line and marked cold, so that the checks of the hot path stay
/// one compare and a jump.
[[gnu::cold, gnu::noinline]] inline std::unexpected<Error> refuse(ErrorCode code,
                                                                  std::string_view message,
                                                                  std::string_view remedy = {}) {
  return fail(code, std::string(message), std::string(remedy));
}

[[gnu::cold, gnu::noinline]] inline std::unexpected<Error> refuse(std::string_view message,
                                                                  std::string_view remedy = {}) {
  return refuse(ErrorCode::bad_request, message, remedy);
}

}  // namespace brink::http
