#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "http/chars.h"
#include "http/request_parser.h"

// However its bytes arrive, a request head ends the same way; what is accepted
// points into the buffer, keeps to the grammar and is read back as the same.

namespace brink::http {
namespace {

RequestLimits small_limits() {
  RequestLimits limits;
  limits.max_request_line = 256_B;
  limits.max_header_bytes = 1_KiB;
  limits.max_fields = 16;
  return limits;
}

struct Outcome {
  std::string text;  // a summary of the head, the refusal, or "more"
  std::size_t bytes = 0;
};

bool inside(std::string_view part, std::string_view whole) {
  return part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size();
}

void check_head(const RequestHead& head, std::string_view buffered) {
  BRINK_CHECK(head.bytes <= buffered.size());
  const std::string_view consumed = buffered.substr(0, head.bytes);
  BRINK_CHECK(consumed.ends_with("\r\n\r\n"));
  for (const auto part :
       {head.method, head.target, head.path, head.query, head.scheme, head.authority, head.host}) {
    BRINK_CHECK(inside(part, consumed));
  }
  BRINK_CHECK(is_token(head.method));
  BRINK_CHECK(all(kTarget, head.target) && !head.target.empty());
  BRINK_CHECK(!head.authority.empty() || head.version == Version::http10);
  for (const Field& field : head.fields) {
    BRINK_CHECK(inside(field.name, consumed) && inside(field.value, consumed));
    BRINK_CHECK(is_token(field.name) && all(kFieldValue, field.value));
  }
  if (head.framing == BodyFraming::chunked) {
    BRINK_CHECK(head.version == Version::http11);
    BRINK_CHECK(find(head.fields, "content-length") == nullptr);
  }
}

std::string summary(const RequestHead& head) {
  std::string text;
  for (const auto part :
       {head.method, head.target, head.path, head.query, head.scheme, head.authority, head.host}) {
    text.append(part).append("\n");
  }
  for (const Field& field : head.fields) {
    text.append(field.name).append(":").append(field.value).append("\n");
  }
  for (const auto number :
       {std::uint64_t{head.port}, std::uint64_t{head.has_query}, std::uint64_t{head.minor_version},
        head.content_length, static_cast<std::uint64_t>(head.persistence),
        static_cast<std::uint64_t>(head.framing), std::uint64_t{head.expects_continue}}) {
    text.append(std::to_string(number)).append(" ");
  }
  return text;
}

/// One call of the parser, on a copy that ends where the bytes end, so that
/// the address sanitizer sees any read behind them.
bool parse_once(RequestParser& parser, std::string_view bytes, Outcome& outcome) {
  const std::string copy(bytes);
  const auto parsed = parser.parse(copy);
  if (!parsed) {
    outcome = {parsed.error().message, 0};
    return true;
  }
  if (*parsed == nullptr) {
    outcome = {"more", 0};
    return false;
  }
  check_head(**parsed, copy);
  outcome = {summary(**parsed), (*parsed)->bytes};
  return true;
}

Outcome parse_in_steps(std::string_view bytes, std::size_t step) {
  RequestParser parser(small_limits());
  Outcome outcome;
  for (std::size_t end = std::min(step, bytes.size());; end = std::min(end + step, bytes.size())) {
    if (parse_once(parser, bytes.substr(0, end), outcome) || end == bytes.size()) return outcome;
  }
}

std::string written_again(std::string_view bytes) {
  RequestParser parser(small_limits());
  const auto parsed = parser.parse(bytes);
  const RequestHead& head = **parsed;
  std::string text;
  text.append(head.method).append(" ").append(head.target).append(" HTTP/1.");
  text.append(std::to_string(head.minor_version)).append("\r\n");
  for (const Field& field : head.fields) {
    text.append(field.name).append(":").append(field.value).append("\r\n");
  }
  return text.append("\r\n");
}

}  // namespace
}  // namespace brink::http

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace brink::http;
  if (size > 2048) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const Outcome whole = parse_in_steps(bytes, size + 1);
  for (const std::size_t step : {std::size_t{1}, std::size_t{7}, size / 2 + 1}) {
    const Outcome cut = parse_in_steps(bytes, step);
    BRINK_CHECK(cut.text == whole.text && cut.bytes == whole.bytes);
  }
  if (whole.bytes != 0) {
    BRINK_CHECK(parse_in_steps(written_again(bytes), size + 1).text == whole.text);
  }
  return 0;
}
