#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "http/date_cache.h"
#include "http/field.h"
#include "http/response.h"

namespace brink::http {

/// Appends one final answer's head to a buffer of the caller's.
///
///   HeadWriter writer(out, 200);
///   writer.fields(program_fields).field("X-Request-Id", id);
///   TRY_VOID(writer.finish(decide_framing(…), date_cache.field_line(clock.wall())));
///
/// A status outside 200 to 599 or a name, value or reason that would break the
/// head apart (CR, LF, NUL or another control byte; a name that is no token) is
/// remembered, and finish() returns it as guest_bad_answer with the buffer as
/// it was before. The fields that frame the message or belong to the connection
/// (Content-Length, Transfer-Encoding, Connection, Keep-Alive,
/// Proxy-Connection, Upgrade, TE) are the writer's own: given ones are skipped.
/// Use at most one writer on a buffer at a time. Not thread-safe.
class HeadWriter {
 public:
  /// An empty `reason` stands for the standard one.
  HeadWriter(std::string& out, std::uint16_t status, std::string_view reason = {});
  HeadWriter(const HeadWriter&) = delete;
  HeadWriter& operator=(const HeadWriter&) = delete;

  HeadWriter& field(std::string_view name, std::string_view value);
  HeadWriter& fields(std::span<const Field> fields);

  /// Adds Date unless a field gave one, the framing fields and the empty line.
  /// `date_line`: from DateCache::field_line. Must be called once, last.
  [[nodiscard]] Result<void> finish(const AnswerFraming& framing, std::string_view date_line);

 private:
  void refuse(std::string message);

  std::string& out_;
  std::size_t begin_;
  bool has_date_ = false;
  std::optional<Error> error_;
};

/// "HTTP/1.1 100 Continue": send it once, before reading the body, if the
/// request expects it and no final answer has been written.
inline constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

/// Appends an interim answer, or 101 (status 100 to 199, fields as given: 101
/// needs its own Connection and Upgrade). Never to be sent to an HTTP/1.0 client.
[[nodiscard]] Result<void> append_interim(std::string& out, std::uint16_t status,
                                          std::span<const Field> fields);

}  // namespace brink::http
