#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "http/request.h"

namespace brink::http {

/// The standard reason phrase of a status, "Unknown" if it has none. Static.
[[nodiscard]] std::string_view reason_phrase(std::uint16_t status) noexcept;

/// The methods that change how an answer is framed.
enum class MethodKind : std::uint8_t { head, connect, other };

/// What an answer has to know of its request; outlives the request's buffer.
/// The default is for a request that could not be read: HTTP/1.1, then close.
struct Exchange {
  Version version = Version::http11;
  MethodKind method = MethodKind::other;
  Persistence persistence = Persistence::close;

  [[nodiscard]] static Exchange of(const RequestHead& head) noexcept;
};

/// How the bytes after an answer's head are delimited.
enum class AnswerBody : std::uint8_t {
  none,         ///< nothing follows the head, whatever the program wrote
  length,       ///< exactly content_length bytes
  chunked,      ///< chunks, then the last chunk
  until_close,  ///< everything until the connection closes (HTTP/1.0)
};

/// The framing decision for one final answer.
struct AnswerFraming {
  AnswerBody body = AnswerBody::none;
  /// The Content-Length field to send, if any. Without a body (HEAD, 304) it
  /// states what a GET would have got.
  std::optional<std::uint64_t> content_length;
  Persistence persistence = Persistence::close;
  Version version = Version::http11;  ///< of the request: decides on "Connection: keep-alive"
};

/// Decides as RFC 9112 6 and RFC 9110 6.4.1, 8.6 and 15 have it: no body for
/// HEAD, 204, 205, 304 and a 2xx to CONNECT; Content-Length when the length is
/// known (never with 204 or a 2xx to CONNECT; 205 always states 0); otherwise
/// chunked for HTTP/1.1, and until close for HTTP/1.0, which ends persistence.
/// `wanted`: close forces the connection to end; keep_alive leaves the choice
/// to the client.
[[nodiscard]] AnswerFraming decide_framing(const Exchange& exchange, std::uint16_t status,
                                           std::optional<std::uint64_t> length,
                                           Persistence wanted) noexcept;

}  // namespace brink::http
