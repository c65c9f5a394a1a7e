#include "wcgi/request_fields.h"

#include <algorithm>

#include "http/chars.h"
#include "wcgi/text.h"

namespace brink::wcgi {
namespace {

/// A bit for a name, the same whatever its case.
std::uint64_t bit_of(std::string_view name) {
  if (name.empty()) return 0;
  const auto fold = [&](std::size_t i) { return static_cast<unsigned char>(name[i]) | 0x20U; };
  const auto hash =
      name.size() * 7 + fold(0) * 31 + fold(name.size() / 2) * 5 + fold(name.size() - 1);
  return std::uint64_t{1} << (hash & 63U);
}

/// '_' would make "X_Y" and "X-Y" the same variable; other marks are no names
/// that a program could ask for.
bool has_variable(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return http::is_alpha(byte) || http::is_digit(byte) || c == '-';
  });
}

/// Fields whose variable is another one, or none at all.
bool is_withheld(std::string_view name, Credentials credentials) {
  if (http::equals_ignoring_case(name, "content-length")) return true;
  if (http::equals_ignoring_case(name, "proxy")) return true;
  return credentials == Credentials::withhold && http::equals_ignoring_case(name, "authorization");
}

}  // namespace

void RequestFields::survey(std::span<const http::Field> fields) {
  seen_ = repeated_ = named_ = 0;
  for (const auto& field : fields) {
    const auto bit = bit_of(field.name);
    repeated_ |= seen_ & bit;
    seen_ |= bit;
    if (!http::equals_ignoring_case(field.name, "connection")) continue;
    http::ListValues list(field.value);
    for (std::string_view member; list.next(member);) named_ |= bit_of(member);
  }
}

Result<FieldSummary> RequestFields::add_to(wasi::StringBlock& out,
                                           std::span<const http::Field> fields,
                                           Credentials credentials) {
  FieldSummary summary;
  survey(fields);
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const auto& [name, value] = fields[i];
    if (http::equals_ignoring_case(name, "content-type")) {
      if (summary.content_type && *summary.content_type != value) {
        return fail(ErrorCode::bad_request, "two Content-Type fields");
      }
      summary.content_type = value;
      continue;
    }
    if (!summary.authorization && http::equals_ignoring_case(name, "authorization")) {
      summary.authorization = value;
    }
    if (is_withheld(name, credentials) || !has_variable(name)) continue;
    if (http::is_hop_by_hop(name)) continue;
    const bool named =
        (named_ & bit_of(name)) != 0 && http::list_contains(fields, "connection", name);
    if (named && !http::equals_ignoring_case(name, "host")) continue;
    add(out, fields, i);
  }
  return summary;
}

void RequestFields::add(wasi::StringBlock& out, std::span<const http::Field> fields,
                        std::size_t index) {
  const auto name = fields[index].name;
  auto value = fields[index].value;
  if ((repeated_ & bit_of(name)) != 0) {
    const auto same = [&](const http::Field& field) {
      return http::equals_ignoring_case(field.name, name);
    };
    if (std::ranges::any_of(fields.first(index), same)) return;
    const auto* separator = http::equals_ignoring_case(name, "cookie") ? "; " : ", ";
    value_.assign(value);
    for (const auto& other : fields.subspan(index + 1)) {
      if (same(other)) value_.append(separator).append(other.value);
    }
    value = value_;
  }
  name_.assign("HTTP_");
  for (const char c : name) name_.push_back(c == '-' ? '_' : to_upper(c));
  out.add(name_, value);
}

}  // namespace brink::wcgi
