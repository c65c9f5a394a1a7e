#pragma once

#include <cstdint>

#include "base/units.h"

namespace brink::http {

/// What one request may cost before the codec refuses it. The sum of the first
/// two is also the most that a connection has to buffer for a request head.
struct RequestLimits {
  /// Method, target and version without the line end. Over it: 414.
  ByteSize max_request_line = 8_KiB;
  /// All field lines and the empty line, line ends included. Over it: 431.
  ByteSize max_header_bytes = 32_KiB;
  /// Field lines. Over it: 431.
  std::uint32_t max_fields = 100;
  /// Characters of the method. Over it: 501 (RFC 9112 3).
  std::uint32_t max_method = 64;
  /// Empty lines skipped in front of a request line (RFC 9112 2.2). Over it: 400.
  std::uint32_t max_leading_empty_lines = 4;
  /// Body bytes after decoding; a Content-Length above it is refused at the
  /// head. An app's own, lower limit goes to the BodyDecoder. Over it: 413.
  ByteSize max_body = 64_MiB;
  /// Bytes of the trailer section, line ends included. Over it: 431.
  ByteSize max_trailer_bytes = 8_KiB;
  /// Trailer field lines. Over it: 431.
  std::uint32_t max_trailer_fields = 32;
  /// Bytes of all chunk extensions of one body together. Over it: 400.
  ByteSize max_chunk_extension_bytes = 4_KiB;
};

}  // namespace brink::http
