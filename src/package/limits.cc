#include "package/limits.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/suggest.h"
#include "package/diagnostics.h"

namespace brink::package {
namespace {

/// Calls one of three functions by the type of the row's member.
template <class... Functions>
struct Overloaded : Functions... {
  using Functions::operator()...;
};

Result<std::uint64_t> parse_count(const LimitRow& row, std::string_view text) {
  std::uint64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [rest, problem] = std::from_chars(text.data(), end, value);
  if (problem == std::errc() && rest == end) return value;
  // What is too large is out of every row's bounds.
  if (problem == std::errc::result_out_of_range && rest == end) return UINT64_MAX;
  return fail(ErrorCode::config_invalid, in_quotes(text) + " is not a whole number",
              fmt::format("write {} to {}", row.min, row.max));
}

Result<std::uint64_t> parse_value(const LimitRow& row, std::string_view text) {
  return std::visit(Overloaded{[&](Duration Limits::*) -> Result<std::uint64_t> {
                                 TRY(const Duration value, parse_duration(text));
                                 return static_cast<std::uint64_t>(value.count());
                               },
                               [&](ByteSize Limits::*) -> Result<std::uint64_t> {
                                 TRY(const ByteSize value, parse_byte_size(text));
                                 return value.bytes();
                               },
                               [&](std::uint64_t Limits::*) { return parse_count(row, text); }},
                    row.member);
}

}  // namespace

const LimitRow* find_limit(std::string_view key) noexcept {
  const auto row = std::ranges::find(kLimits, key, &LimitRow::key);
  return row == kLimits.end() ? nullptr : &*row;
}

std::array<std::string_view, kLimits.size()> limit_names() noexcept {
  std::array<std::string_view, kLimits.size()> names;
  std::ranges::transform(kLimits, names.begin(), &LimitRow::key);
  return names;
}

Result<void> LimitOverrides::set(std::string_view key, std::string_view text, ErrorCode code) {
  const LimitRow* row = find_limit(key);
  if (row == nullptr) {
    const auto names = limit_names();
    const std::string_view near = suggest(key, names);
    return fail(code, fmt::format("there is no limit {}", in_quotes(key)),
                near.empty() ? fmt::format("the limits are {}", fmt::join(names, ", "))
                             : fmt::format("did you mean {}?", near));
  }
  auto value = parse_value(*row, text);
  if (!value) {
    value.error().code = code;
    return std::unexpected(std::move(value).error());
  }
  if (*value < row->min || *value > row->max) {
    return fail(
        code, fmt::format("{} is out of bounds", in_quotes(text)),
        fmt::format("write {} to {}", bound_text(*row, row->min), bound_text(*row, row->max)));
  }
  values_[static_cast<std::size_t>(row - kLimits.data())] = *value;
  return {};
}

std::optional<std::uint64_t> LimitOverrides::get(std::string_view key) const {
  const LimitRow* row = find_limit(key);
  if (row == nullptr) return std::nullopt;
  return values_[static_cast<std::size_t>(row - kLimits.data())];
}

void LimitOverrides::apply(Limits& limits) const {
  for (std::size_t i = 0; i < kLimits.size(); ++i) {
    if (!values_[i]) continue;
    const std::uint64_t value = *values_[i];
    std::visit(Overloaded{[&](Duration Limits::* member) {
                            limits.*member = Duration(static_cast<std::int64_t>(value));
                          },
                          [&](ByteSize Limits::* member) { limits.*member = ByteSize(value); },
                          [&](std::uint64_t Limits::* member) { limits.*member = value; }},
               kLimits[i].member);
  }
}

std::string value_text(const LimitRow& row, const Limits& limits) {
  return std::visit(
      Overloaded{[&](Duration Limits::* member) { return to_string(limits.*member); },
                 [&](ByteSize Limits::* member) { return to_string(limits.*member); },
                 [&](std::uint64_t Limits::* member) { return std::to_string(limits.*member); }},
      row.member);
}

std::string bound_text(const LimitRow& row, std::uint64_t value) {
  return std::visit(Overloaded{[&](Duration Limits::*) {
                                 return to_string(Duration(static_cast<std::int64_t>(value)));
                               },
                               [&](ByteSize Limits::*) { return to_string(ByteSize(value)); },
                               [&](std::uint64_t Limits::*) { return std::to_string(value); }},
                    row.member);
}

}  // namespace brink::package
