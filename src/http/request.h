#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "http/field.h"

namespace brink::http {

/// The version the peer speaks. HTTP/1.2 to 1.9 count as 1.1 (RFC 9110 2.5).
enum class Version : std::uint8_t { http10, http11 };

/// Whether the connection may serve another message after this one.
enum class Persistence : std::uint8_t { keep_alive, close };

/// How a request body is delimited (RFC 9112 6.3).
enum class BodyFraming : std::uint8_t { none, length, chunked };

/// The four forms of a request target (RFC 9112 3.2).
enum class TargetForm : std::uint8_t { origin, absolute, authority, asterisk };

/// A request head that passed every check of the codec. All views point into
/// the buffer given to RequestParser::parse and die when its bytes move; the
/// array behind `fields` belongs to the parser and dies at its next call.
struct RequestHead {
  std::string_view method;  ///< a token, case as sent
  std::string_view target;  ///< exactly as sent
  /// Up to the '?', still encoded: "/…"; "*" for asterisk-form, empty for CONNECT.
  std::string_view path;
  std::string_view query;   ///< after the '?', still encoded
  std::string_view scheme;  ///< of an absolute-form target, as sent; else empty
  /// host[:port] of the absolute-form target, else of the Host field; empty
  /// only for HTTP/1.0 without Host.
  std::string_view authority;
  std::string_view host;   ///< authority without port; IPv6 keeps its brackets
  std::uint16_t port = 0;  ///< of the authority; 0 when it names none
  bool has_query = false;  ///< tells "/a?" from "/a"
  TargetForm form = TargetForm::origin;
  Version version = Version::http11;
  std::uint8_t minor_version = 1;  ///< the digit as received, for SERVER_PROTOCOL
  Persistence persistence = Persistence::keep_alive;
  BodyFraming framing = BodyFraming::none;
  /// The client waits for 100 (Continue) before it sends the body.
  bool expects_continue = false;
  std::uint64_t content_length = 0;  ///< with BodyFraming::length; may be 0
  std::span<const Field> fields;     ///< in the order received, Host included
  std::size_t bytes = 0;             ///< of the buffer: where the body begins
};

}  // namespace brink::http
