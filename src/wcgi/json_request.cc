#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "http/chars.h"
#include "wcgi/json_dialect.h"

namespace brink::wcgi {
namespace {

unsigned char byte_at(std::string_view text, std::size_t i) {
  return static_cast<unsigned char>(text[i]);
}

/// Bytes of the UTF-8 sequence that starts at `i` (RFC 3629: no overlong forms,
/// no surrogates, nothing above U+10FFFF), or 0.
std::size_t utf8_sequence(std::string_view text, std::size_t i) {
  const auto lead = byte_at(text, i);
  if (lead < 0x80) return 1;
  if (lead < 0xc2 || lead > 0xf4) return 0;
  const std::size_t size = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  if (text.size() - i < size) return 0;
  for (std::size_t k = 1; k < size; ++k) {
    if ((byte_at(text, i + k) & 0xc0U) != 0x80) return 0;
  }
  const auto second = byte_at(text, i + 1);
  if (lead == 0xe0 && second < 0xa0) return 0;
  if (lead == 0xed && second > 0x9f) return 0;
  if (lead == 0xf0 && second < 0x90) return 0;
  if (lead == 0xf4 && second > 0x8f) return 0;
  return size;
}

bool is_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto size = utf8_sequence(text, i);
    if (size == 0) return false;
    i += size;
  }
  return true;
}

enum class Letters : std::uint8_t { as_sent, lower_case };

void append_string(std::string& out, std::string_view text, Letters letters = Letters::as_sent) {
  const bool utf8 = is_utf8(text);
  out.push_back('"');
  for (char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (letters == Letters::lower_case) c = http::to_lower(c);
    if (c == '"' || c == '\\') {
      out.append({'\\', c});
    } else if (byte < 0x20) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", byte);
    } else if (byte < 0x80 || utf8) {
      out.push_back(c);
    } else {
      out.push_back(static_cast<char>(0xc0U | (byte >> 6U)));
      out.push_back(static_cast<char>(0x80U | (byte & 0x3fU)));
    }
  }
  out.push_back('"');
}

bool is_left_out(const http::RequestHead& request, std::string_view name, Credentials credentials) {
  if (http::equals_ignoring_case(name, "content-length")) return true;
  if (http::equals_ignoring_case(name, "proxy")) return true;
  if (http::equals_ignoring_case(name, "authorization")) {
    return credentials == Credentials::withhold;
  }
  return http::is_hop_by_hop(name, request.fields) && !http::equals_ignoring_case(name, "host");
}

/// The values of all fields of that name: one string, or an array of several.
void append_values(std::string& out, std::span<const http::Field> fields, std::string_view name) {
  const auto same = [name](const http::Field& field) {
    return http::equals_ignoring_case(field.name, name);
  };
  const bool several = std::ranges::count_if(fields, same) > 1;
  if (several) out.push_back('[');
  for (const char* comma = ""; const auto& field : fields) {
    if (!same(field)) continue;
    out.append(comma);
    append_string(out, field.value);
    comma = ",";
  }
  if (several) out.push_back(']');
}

void append_headers(std::string& out, const http::RequestHead& request, BodyLength body,
                    Credentials credentials) {
  const char* comma = "";
  const auto fields = request.fields;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const auto name = fields[i].name;
    const bool had = std::ranges::any_of(fields.first(i), [name](const http::Field& earlier) {
      return http::equals_ignoring_case(earlier.name, name);
    });
    if (had || is_left_out(request, name, credentials)) continue;
    out.append(comma);
    append_string(out, name, Letters::lower_case);
    out.push_back(':');
    append_values(out, fields.subspan(i), name);
    comma = ",";
  }
  if (const auto length = body.bytes()) {
    fmt::format_to(std::back_inserter(out), "{}\"content-length\":\"{}\"", comma, *length);
  }
}

}  // namespace

std::optional<Dialect> parse_dialect(std::string_view name) noexcept {
  if (name == "rfc-3875") return Dialect::rfc3875;
  if (name == "wcgi") return Dialect::json;
  return std::nullopt;
}

void add_request_json(wasi::StringBlock& out, const http::RequestHead& request, BodyLength body,
                      Credentials credentials, std::string& scratch) {
  scratch.assign("{\"method\":");
  append_string(scratch, request.method);
  scratch.append(",\"uri\":");
  append_string(scratch, request.target);
  scratch.append(",\"headers\":{");
  append_headers(scratch, request, body, credentials);
  scratch.append("},\"body\":null}");
  out.add(kRequestJsonVariable, scratch);
}

}  // namespace brink::wcgi
