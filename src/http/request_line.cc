#include "http/request_line.h"

#include <algorithm>
#include <string>

#include "http/chars.h"
#include "http/field.h"
#include "http/refusal.h"

namespace brink::http {
namespace {

void split_query(std::string_view text, Target& target) noexcept {
  const std::size_t mark = text.find('?');
  target.path = text.substr(0, mark);
  if (mark == std::string_view::npos) return;
  target.has_query = true;
  target.query = text.substr(mark + 1);
}

Result<Target> parse_absolute(std::string_view text, std::size_t scheme_size) {
  Target target{
      .form = TargetForm::absolute, .path = {}, .query = {}, .scheme = {}, .authority = {}};
  target.scheme = text.substr(0, scheme_size);
  if (!equals_ignoring_case(target.scheme, "http") &&
      !equals_ignoring_case(target.scheme, "https")) {
    return refuse("a target whose scheme is neither http nor https");
  }
  const std::string_view rest = text.substr(scheme_size + 3);
  const std::size_t authority_size = std::min(rest.find_first_of("/?"), rest.size());
  target.authority = rest.substr(0, authority_size);
  split_query(rest.substr(authority_size), target);
  // No path means "/" (RFC 9110 4.2.3). The view has to lie in the target, and
  // the slash in front of the authority is as good as any.
  if (target.path.empty()) target.path = text.substr(scheme_size + 2, 1);
  return target;
}

Result<Target> parse_other_form(std::string_view text, std::string_view method) {
  Target target;
  if (method == "CONNECT") {
    target.form = TargetForm::authority;
    target.authority = text;
    return target;
  }
  if (text == "*") {
    if (method != "OPTIONS") return refuse("target \"*\" with a method other than OPTIONS");
    target.form = TargetForm::asterisk;
    target.path = text;
    return target;
  }
  const std::size_t scheme_size = text.find("://");
  if (scheme_size == std::string_view::npos) {
    return refuse("a target that is neither a path nor an absolute URI");
  }
  return parse_absolute(text, scheme_size);
}

[[gnu::cold]] std::unexpected<Error> explain_bad_target(std::string_view target) {
  for (const char c : target) {
    if (is(kTarget, c)) continue;
    if (c == '#') return refuse("a fragment in the target", "send the URI without \"#...\"");
    if (c == '\r') return refuse("a bare CR in the request line");
    if ((static_cast<unsigned char>(c) & 0x80) != 0) {
      return refuse("a byte above 0x7f in the target", "percent-encode it");
    }
  }
  return refuse("a control byte in the target", "percent-encode it");
}

[[gnu::cold]] std::unexpected<Error> explain_bad_version(std::string_view text) {
  const bool well_formed = text.size() == 8 && text.starts_with("HTTP/") && text[6] == '.' &&
                           is_digit(static_cast<unsigned char>(text[5])) &&
                           is_digit(static_cast<unsigned char>(text[7]));
  if (well_formed) {
    return refuse(ErrorCode::version_not_supported, "HTTP version " + std::string(text.substr(5)),
                  "use HTTP/1.1");
  }
  if (text.find(' ') != std::string_view::npos) {
    return refuse("more than single spaces in the request line");
  }
  return refuse("a request line that does not end in a version", "end it with HTTP/1.1");
}

Result<std::uint8_t> parse_version(std::string_view text) {
  if (text.size() != 8 || !text.starts_with("HTTP/1.") ||
      !is_digit(static_cast<unsigned char>(text[7]))) [[unlikely]] {
    return explain_bad_version(text);
  }
  return static_cast<std::uint8_t>(text[7] - '0');
}

}  // namespace

Result<Target> parse_target(std::string_view text, std::string_view method) {
  if (text.empty()) return refuse("a request line without a target");
  if (!all(kTarget, text)) return explain_bad_target(text);
  if (text.front() != '/' || method == "CONNECT") return parse_other_form(text, method);
  Target target;
  split_query(text, target);
  return target;
}

Result<RequestLine> parse_request_line(std::string_view line, const RequestLimits& limits) {
  RequestLine result;
  const std::size_t method_size = line.find(' ');
  result.method = line.substr(0, method_size);
  if (!is_token(result.method)) return refuse("a method that is not a token");
  if (method_size == std::string_view::npos) return refuse("a request line of one word");
  if (method_size > limits.max_method) {
    return refuse(ErrorCode::not_implemented, "a method longer than any known one");
  }
  const std::string_view rest = line.substr(method_size + 1);
  const std::size_t target_size = rest.find(' ');
  if (target_size == std::string_view::npos) {
    return refuse("a request line without a version", "HTTP/0.9 is not served: use HTTP/1.1");
  }
  result.target = rest.substr(0, target_size);
  TRY(result.minor_version, parse_version(rest.substr(target_size + 1)));
  TRY(result.parts, parse_target(result.target, result.method));
  return result;
}

}  // namespace brink::http
