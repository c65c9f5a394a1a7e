#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "wcgi/answer_head.h"

namespace brink::wcgi {

/// What became of the bytes given to a parser of answers.
struct Fed {
  enum class State : std::uint8_t { need_more, head } state = State::need_more;
  /// Bytes that belong to the head: all of them for need_more; for head, what
  /// follows is the body.
  std::size_t consumed = 0;
};

/// Reads the header block that a program prints (RFC 3875, section 6.3).
///
/// Sans-I/O: give it the program's output in pieces of any size, until there is
/// a head. Lines end in LF or CRLF, mixed if need be, and an HTTP/1.x status
/// line may come first. Continuation lines are an error, as are white space
/// before the colon, control bytes and names that are no tokens. Keeps at most
/// one line and the fields, both within the limits, and its memory over
/// reset(). Errors are guest_bad_answer, name the line, and are final.
class AnswerParser {
 public:
  explicit AnswerParser(AnswerLimits limits = {}) : limits_(limits), builder_(limits.max_fields) {}

  /// Not to be called again once it returned a head or an error.
  Result<Fed> feed(std::string_view bytes);

  /// Valid from Fed::State::head to reset().
  [[nodiscard]] const AnswerHead& head() const { return builder_.head(); }

  /// What it means that the output ends before the head did.
  [[nodiscard]] Error end_of_output() const;

  void reset();

 private:
  Result<void> take_line(std::string_view line);
  Result<void> take_status_line(std::string_view line);
  Result<void> take_field(std::string_view line);

  AnswerLimits limits_;
  AnswerHeadBuilder builder_;
  std::string partial_;    ///< the line begun and not ended
  std::size_t total_ = 0;  ///< bytes of the head so far
  std::size_t lines_ = 0;  ///< lines ended so far
};

}  // namespace brink::wcgi
