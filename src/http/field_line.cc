#include "http/field_line.h"

#include "http/chars.h"
#include "http/refusal.h"

namespace brink::http {
namespace {

std::unexpected<Error> explain_bad_name(std::string_view line, std::size_t at) {
  if (line[0] == ' ' || line[0] == '\t') {
    return refuse("a folded field line", "put each field on one line");
  }
  if (at == line.size()) return refuse("a field line without a colon");
  if (at == 0 && line[0] == ':') return refuse("a field without a name");
  if (line[at] == ' ' || line[at] == '\t') return refuse("a space in or after a field name");
  return refuse("a field name that is not a token");
}

}  // namespace

Result<Field> parse_field_line(std::string_view line) {
  std::size_t colon = 0;
  while (colon < line.size() && is(kToken, line[colon])) ++colon;
  if (colon == 0 || colon == line.size() || line[colon] != ':') [[unlikely]] {
    return explain_bad_name(line, colon);
  }
  const std::string_view value = trim(line.substr(colon + 1));
  if (!all(kFieldValue, value)) [[unlikely]] {
    return refuse(value.find('\r') != std::string_view::npos ? "a bare CR in a field value"
                                                             : "a control byte in a field value");
  }
  return Field{line.substr(0, colon), value};
}

}  // namespace brink::http
