#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "http/field.h"
#include "wasi/string_block.h"

namespace brink::wcgi {

/// Whether a program sees the client's credentials as HTTP_AUTHORIZATION. RFC
/// 3875, 4.1.18 advises against it; AUTH_TYPE is there either way.
enum class Credentials : std::uint8_t { withhold, pass };

/// What of the request's fields becomes meta-variables of its own name: see
/// RequestFields::add_to.
struct FieldSummary {
  std::optional<std::string_view> content_type;
  std::optional<std::string_view> authorization;
};

/// Turns request fields into HTTP_* variables (RFC 3875, section 4.1.18).
///
/// Left out: names with other characters than letters, digits and '-' ('_'
/// would collide with '-'), Proxy (HTTP_PROXY steers the program's own HTTP
/// clients), Content-Length and Content-Type (variables of their own),
/// Authorization unless asked for, and what is meant for this connection only:
/// hop-by-hop fields and those named in Connection (but Host never). Repeated
/// fields are joined in order by ", ", Cookie by "; ". Keeps scratch memory; one per thread.
class RequestFields {
 public:
  /// Appends the variables to `out`. Errors: bad_request for Content-Type
  /// fields that differ.
  Result<FieldSummary> add_to(wasi::StringBlock& out, std::span<const http::Field> fields,
                              Credentials credentials);

 private:
  void survey(std::span<const http::Field> fields);
  void add(wasi::StringBlock& out, std::span<const http::Field> fields, std::size_t index);

  std::string name_;
  std::string value_;
  // Sets of names, one bit per hash: a bit that is not set decides at once.
  std::uint64_t seen_ = 0;
  std::uint64_t repeated_ = 0;  ///< bits that more than one field has
  std::uint64_t named_ = 0;     ///< names that Connection fields list
};

}  // namespace brink::wcgi
