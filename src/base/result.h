#pragma once

#include <expected>
#include <utility>

#include "base/error.h"

namespace brink {

/// A value, or the Error that says why there is none.
template <class T>
using Result = std::expected<T, Error>;

/// Shorthand for returning a failure: `return fail(ErrorCode::usage, "...")`.
inline std::unexpected<Error> fail(ErrorCode code, std::string message, std::string remedy = {}) {
  return std::unexpected(Error{code, std::move(message), std::move(remedy)});
}

}  // namespace brink

#define BRINK_CONCAT_INNER(a, b) a##b
#define BRINK_CONCAT(a, b) BRINK_CONCAT_INNER(a, b)

/// TRY(auto x, f()); binds x to the value of f(), or returns f()'s error.
#define TRY(declaration, ...) \
  TRY_IMPL(BRINK_CONCAT(try_result_, __LINE__), declaration, __VA_ARGS__)
#define TRY_IMPL(result, declaration, ...)                        \
  auto result = (__VA_ARGS__);                                    \
  if (!result) return std::unexpected(std::move(result).error()); \
  declaration = std::move(*result)

/// TRY_VOID(f()); returns f()'s error, if it failed.
#define TRY_VOID(...)                                           \
  if (auto try_void_result = (__VA_ARGS__); !try_void_result) { \
    return std::unexpected(std::move(try_void_result).error()); \
  }                                                             \
  static_assert(true)
