#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"
#include "http/field.h"
#include "http/response.h"

namespace brink::http {

/// How much of an error its page shows.
enum class Detail : std::uint8_t {
  /// The message only when the client is at fault: what broke inside the
  /// program or the server is for the log.
  brief,
  full,  ///< always the message and the remedy (a developer's own server)
};

struct ErrorPageOptions {
  Detail detail = Detail::brief;
  /// Sent as Retry-After, and as text, with every 503.
  std::chrono::seconds retry_after{1};
  /// More fields, such as Allow with 405 or a request id. A field that would
  /// break the head apart is left out.
  std::span<const Field> fields;
};

/// The page's text: "400 Bad Request: two Host fields" and a line that says
/// whose fault it is. Plain text, one short paragraph, ends with a line feed.
[[nodiscard]] std::string error_page_text(const Error& error, const ErrorPageOptions& options);

/// Appends the complete answer for `error`: head and page, no page for HEAD.
/// Returns whether the connection may go on. `wanted` must be close after an
/// error of the codec.
Persistence append_error_page(std::string& out, const Error& error, const Exchange& exchange,
                              Persistence wanted, std::string_view date_line,
                              const ErrorPageOptions& options = {});

}  // namespace brink::http
