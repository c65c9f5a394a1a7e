#pragma once

#include <span>
#include <string_view>

#include "base/result.h"
#include "http/field.h"
#include "wasi/string_block.h"
#include "wcgi/environment.h"

namespace brink::wcgi {

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
/// hop-by-hop fields and those named in Connection. Repeated fields are joined
/// in order by ", ", Cookie by "; ". Keeps scratch memory; one per thread.
class RequestFields {
 public:
  /// Appends the variables to `out`. Errors: bad_request for Content-Type
  /// fields that differ.
  Result<FieldSummary> add_to(wasi::StringBlock& out, std::span<const http::Field> fields,
                              Credentials credentials);

 private:
  void find_repeats(std::span<const http::Field> fields);
  void add(wasi::StringBlock& out, std::span<const http::Field> fields, std::size_t index);

  std::string name_;
  std::string value_;
  std::uint64_t seen_ = 0;      ///< one bit per hash of a name
  std::uint64_t repeated_ = 0;  ///< bits that more than one field has
};

/// Whether a field concerns one connection only (RFC 9110, section 7.6.1), by
/// its name: Connection, Keep-Alive, Proxy-*, TE, Trailer, Transfer-Encoding,
/// Upgrade.
bool is_hop_by_hop(std::string_view name) noexcept;

/// Whether a Connection field's value, a list of tokens, names the field.
bool connection_names(std::string_view connection_value, std::string_view name) noexcept;

}  // namespace brink::wcgi
