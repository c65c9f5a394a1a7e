#include "http/field.h"

#include <algorithm>
#include <array>

#include "http/chars.h"

namespace brink::http {
namespace {

constexpr bool is_space(char c) { return c == ' ' || c == '\t'; }

/// Offset of the comma that ends the first member, or the size.
std::size_t member_end(std::string_view text) noexcept {
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') {
      quoted = !quoted;
    } else if (quoted && text[i] == '\\') {
      ++i;
    } else if (!quoted && text[i] == ',') {
      return i;
    }
  }
  return text.size();
}

}  // namespace

bool equals_ignoring_case(std::string_view a, std::string_view b) noexcept {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) {
           return to_lower(x) == to_lower(y);
         });
}

const Field* find(std::span<const Field> fields, std::string_view name) noexcept {
  const auto it = std::find_if(fields.begin(), fields.end(), [name](const Field& field) {
    return equals_ignoring_case(field.name, name);
  });
  return it == fields.end() ? nullptr : &*it;
}

std::string_view trim(std::string_view text) noexcept {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

bool ListValues::next(std::string_view& member) noexcept {
  while (!rest_.empty()) {
    const std::size_t end = member_end(rest_);
    member = trim(rest_.substr(0, end));
    rest_.remove_prefix(std::min(end + 1, rest_.size()));
    if (!member.empty()) return true;
  }
  return false;
}

bool list_contains(std::span<const Field> fields, std::string_view list_name,
                   std::string_view member) noexcept {
  for (const Field& field : fields) {
    if (!equals_ignoring_case(field.name, list_name)) continue;
    ListValues values(field.value);
    for (std::string_view value; values.next(value);) {
      if (equals_ignoring_case(value, member)) return true;
    }
  }
  return false;
}

bool is_hop_by_hop(std::string_view name) noexcept {
  constexpr std::array<std::string_view, 9> kNames = {
      "Connection",         "Keep-Alive",          "Proxy-Connection",  "TE", "Trailer", "Upgrade",
      "Proxy-Authenticate", "Proxy-Authorization", "Transfer-Encoding",
  };
  return std::any_of(kNames.begin(), kNames.end(),
                     [name](std::string_view known) { return equals_ignoring_case(known, name); });
}

bool is_hop_by_hop(std::string_view name, std::span<const Field> fields) noexcept {
  return is_hop_by_hop(name) || list_contains(fields, "Connection", name);
}

}  // namespace brink::http
