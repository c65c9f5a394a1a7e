#include "http/message_framing.h"

#include <limits>

#include "http/chars.h"
#include "http/refusal.h"

namespace brink::http {

Result<void> MessageFraming::add(const Field& field, std::uint32_t index) {
  // The length tells the five names apart, so that most fields cost one compare.
  switch (field.name.size()) {
    case 4:
      if (equals_ignoring_case(field.name, "host")) return add_host(index);
      break;
    case 6:
      if (equals_ignoring_case(field.name, "expect")) return add_expect(field.value);
      break;
    case 10:
      if (equals_ignoring_case(field.name, "connection")) return add_connection(field.value);
      break;
    case 14:
      if (equals_ignoring_case(field.name, "content-length"))
        return add_content_length(field.value);
      break;
    case 17:
      if (equals_ignoring_case(field.name, "transfer-encoding")) {
        return add_transfer_encoding(field.value);
      }
      break;
    default:
      break;
  }
  return {};
}

Result<void> MessageFraming::add_host(std::uint32_t index) {
  if (host_count_ != 0) return refuse("two Host fields");
  host_count_ = 1;
  host_index_ = index;
  return {};
}

Result<void> MessageFraming::add_expect(std::string_view value) {
  ListValues values(value);
  for (std::string_view member; values.next(member);) {
    const bool known = equals_ignoring_case(member, "100-continue");
    (known ? wants_continue_ : has_unknown_expectation_) = true;
  }
  return {};
}

Result<void> MessageFraming::add_connection(std::string_view value) {
  ListValues values(value);
  for (std::string_view member; values.next(member);) {
    if (!is_token(member)) return refuse("a Connection option that is not a token");
    if (equals_ignoring_case(member, "close")) {
      wants_close_ = true;
    } else if (equals_ignoring_case(member, "keep-alive")) {
      wants_keep_alive_ = true;
    } else if (equals_ignoring_case(member, "host") ||
               equals_ignoring_case(member, "content-length")) {
      // Dropped by the next hop, they would change where the message ends or goes.
      return refuse("a Connection field that names Host or Content-Length");
    }
  }
  return {};
}

Result<void> MessageFraming::add_content_length(std::string_view value) {
  if (has_content_length_) return refuse("two Content-Length fields");
  has_content_length_ = true;
  if (value.empty()) return refuse("an empty Content-Length");
  std::uint64_t length = 0;
  for (const char c : value) {
    if (!is_digit(static_cast<unsigned char>(c))) {
      return refuse("a Content-Length that is not one decimal number");
    }
    const auto digit = static_cast<std::uint64_t>(c - '0');
    constexpr auto kMax = std::numeric_limits<std::uint64_t>::max();
    if (length > (kMax - digit) / 10) return refuse("a Content-Length above 2^64");
    length = length * 10 + digit;
  }
  content_length_ = length;
  return {};
}

Result<void> MessageFraming::add_transfer_encoding(std::string_view value) {
  if (has_chunked_ || has_unknown_coding_) return refuse("two Transfer-Encoding fields");
  if (equals_ignoring_case(value, "chunked")) {
    has_chunked_ = true;
    return {};
  }
  std::string_view last;
  unsigned chunked = 0;
  unsigned members = 0;
  ListValues values(value);
  for (std::string_view member; values.next(member); last = member, ++members) {
    const std::string_view coding = trim(member.substr(0, member.find(';')));
    if (!is_token(coding)) return refuse("a Transfer-Encoding that is not a list of codings");
    if (equals_ignoring_case(coding, "chunked")) ++chunked;
  }
  // Codings that this server does not know are 501 (RFC 9112 6.1); chunked in any
  // place but the last, or more than once, leaves the body without a reliable end
  // (6.3). Either way the connection closes.
  const bool unknown = chunked == 0 || (chunked == 1 && equals_ignoring_case(last, "chunked"));
  if (members == 0 || !unknown || (members == 1 && chunked == 1)) {
    return refuse("a Transfer-Encoding other than chunked", "send the body as \"chunked\"");
  }
  has_unknown_coding_ = true;
  return {};
}

Result<void> MessageFraming::finish(const RequestLimits& limits, RequestHead& head) const {
  const bool http11 = head.version == Version::http11;
  const bool has_coding = has_chunked_ || has_unknown_coding_;
  if (http11 && host_count_ == 0) return refuse("no Host field", "HTTP/1.1 requires one");
  if (has_coding && !http11) return refuse("Transfer-Encoding in an HTTP/1.0 request");
  if (has_coding && has_content_length_) {
    return refuse("both Transfer-Encoding and Content-Length");
  }
  if (has_unknown_coding_) {
    return refuse(ErrorCode::not_implemented, "a transfer coding other than chunked");
  }
  if (content_length_ > limits.max_body.bytes()) {
    return refuse(ErrorCode::body_too_large,
                  "a body above the limit of " + to_string(limits.max_body));
  }
  if (has_unknown_expectation_ && http11) {
    return refuse(ErrorCode::expectation_failed, "an Expect other than 100-continue");
  }
  head.framing = has_chunked_          ? BodyFraming::chunked
                 : has_content_length_ ? BodyFraming::length
                                       : BodyFraming::none;
  head.content_length = content_length_;
  const bool has_body = has_chunked_ || content_length_ != 0;
  head.expects_continue = wants_continue_ && http11 && has_body;
  const bool keep = !wants_close_ && (http11 || wants_keep_alive_);
  head.persistence = keep ? Persistence::keep_alive : Persistence::close;
  return {};
}

}  // namespace brink::http
