#include "wcgi/answer_parser.h"

#include <fmt/format.h>

#include "http/chars.h"
#include "http/field.h"
#include "wcgi/text.h"

namespace brink::wcgi {
namespace {

bool is_status_line(std::string_view line) {
  return line.size() >= 8 && http::equals_ignoring_case(line.substr(0, 7), "HTTP/1.") &&
         http::is_digit(static_cast<unsigned char>(line[7]));
}

}  // namespace

Result<Fed> AnswerParser::feed(std::string_view bytes) {
  std::size_t at = 0;
  while (at < bytes.size()) {
    const auto room = limits_.max_head_bytes - total_;
    const auto window = bytes.substr(at, room);
    const auto end = window.find('\n');
    if (end == std::string_view::npos) {
      if (bytes.size() - at > room) {
        return fail(ErrorCode::guest_bad_answer,
                    fmt::format("the program's header block is longer than {} bytes",
                                limits_.max_head_bytes),
                    "print a blank line between the header fields and the body");
      }
      partial_.append(window);
      total_ += window.size();
      return Fed{Fed::State::need_more, bytes.size()};
    }
    auto line = window.substr(0, end);
    at += end + 1;
    total_ += end + 1;
    ++lines_;
    if (!partial_.empty()) line = partial_.append(line);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) {
      TRY_VOID(builder_.finish());
      return Fed{Fed::State::head, at};
    }
    if (auto taken = take_line(line); !taken) {
      return std::unexpected(std::move(taken).error().in(
          fmt::format("line {} of the program's header block", lines_)));
    }
    partial_.clear();
  }
  return Fed{Fed::State::need_more, bytes.size()};
}

Result<void> AnswerParser::take_line(std::string_view line) {
  if (lines_ == 1 && is_status_line(line)) return take_status_line(line);
  return take_field(line);
}

Result<void> AnswerParser::take_status_line(std::string_view line) {
  const auto rest = line.substr(8);
  if (!rest.starts_with(' ')) {
    return fail(ErrorCode::guest_bad_answer,
                fmt::format("\"{}\" is not a status line", excerpt(line)),
                "print it as \"HTTP/1.1 200 OK\"");
  }
  const auto status = http::trim(rest);
  const auto space = status.find(' ');
  const auto reason = space == std::string_view::npos ? "" : http::trim(status.substr(space));
  return builder_.set_status(status.substr(0, space), reason);
}

Result<void> AnswerParser::take_field(std::string_view line) {
  if (line[0] == ' ' || line[0] == '\t') {
    return fail(ErrorCode::guest_bad_answer, "starts with white space",
                "print each header field on one line");
  }
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) {
    return fail(ErrorCode::guest_bad_answer, fmt::format("\"{}\" has no colon", excerpt(line)),
                "print the header fields, one blank line, then the body");
  }
  return builder_.add(line.substr(0, colon), line.substr(colon + 1));
}

Error AnswerParser::end_of_output() const {
  const std::string remedy =
      "print at least \"Content-Type: text/plain\" and a blank line before the body";
  if (total_ == 0) {
    return {ErrorCode::guest_bad_answer, "the program printed nothing", remedy};
  }
  return {ErrorCode::guest_bad_answer,
          fmt::format("the program's output ended in line {} of its header block, after {} bytes",
                      lines_ + 1, total_),
          remedy};
}

void AnswerParser::reset() {
  builder_.reset();
  partial_.clear();
  total_ = 0;
  lines_ = 0;
}

}  // namespace brink::wcgi
