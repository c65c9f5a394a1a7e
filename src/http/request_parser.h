#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "http/field.h"
#include "http/limits.h"
#include "http/message_framing.h"
#include "http/request.h"
#include "http/request_line.h"

namespace brink::http {

/// Reads request heads strictly as RFC 9112 has them: what two readers could
/// understand in two ways is refused, never repaired. Sans-I/O; one per
/// connection; not thread-safe. Allocates only while its field table grows to
/// the largest request seen, at most limits.max_fields.
///
///   TRY(const RequestHead* head, parser.parse(buffered));
///   if (head == nullptr) { read more, append, parse again }
///   … serve *head; the body starts at buffered[head->bytes] …
///   parser.reset();
///
/// Errors carry the ErrorCode of the answer (bad_request,
/// request_line_too_long, headers_too_large, body_too_large, not_implemented,
/// version_not_supported, expectation_failed) and a message that names the
/// reason. After any of them the connection must be closed: where the next
/// request would begin is unknown.
class RequestParser {
 public:
  /// Limits above 1 MiB of line or header, or 1000 fields, are a bug.
  explicit RequestParser(const RequestLimits& limits);

  /// `buffered`: all bytes received from the first one of this request on. It
  /// may have moved, and must have kept or grown its content, since the last
  /// call; bytes seen before are not read again. Returns nullptr while the
  /// head is incomplete. Once complete, each further call returns the head with
  /// its views in the given buffer, for a caller that moved it.
  [[nodiscard]] Result<const RequestHead*> parse(std::string_view buffered);

  /// True when nothing but empty lines has been seen: a connection that ends
  /// or times out now was idle, not in the middle of a request.
  [[nodiscard]] bool idle() const noexcept {
    return phase_ == Phase::request_line && scanned_ == 0;
  }

  /// Ready for the next request, whose first byte starts the next `buffered`.
  void reset() noexcept;

 private:
  enum class Phase : std::uint8_t { request_line, fields, complete };
  /// A part of the buffer that stays valid when the buffer moves.
  struct Slice {
    std::uint32_t begin = 0;
    std::uint32_t size = 0;
  };
  struct FieldSlices {
    Slice name;
    Slice value;
  };
  enum class Step : std::uint8_t { need_more, advanced };

  static Slice slice(std::string_view buffered, std::string_view part) noexcept;
  static std::string_view view(std::string_view buffered, Slice slice) noexcept;
  Result<Step> read_line(std::string_view buffered);
  Result<void> take_request_line(std::string_view buffered, std::string_view line);
  Result<void> take_field(std::string_view buffered, std::string_view line);
  Result<void> finish(std::string_view buffered);
  Result<void> settle_authority(std::string_view buffered);
  void bind(std::string_view buffered);
  [[nodiscard]] std::size_t line_limit() const noexcept;

  RequestLimits limits_;
  Phase phase_ = Phase::request_line;
  std::size_t line_begin_ = 0;    ///< offset of the line being read
  std::size_t scanned_ = 0;       ///< bytes of that line known to hold no line end
  std::size_t fields_begin_ = 0;  ///< offset of the first field line
  std::uint32_t empty_lines_ = 0;
  Slice method_, target_, path_, query_, scheme_, authority_, host_;
  MessageFraming framing_;
  std::vector<FieldSlices> slices_;
  std::vector<Field> fields_;
  RequestHead head_;
};

}  // namespace brink::http
