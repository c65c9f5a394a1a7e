#include "package/diagnostics.h"

#include <fmt/format.h>

#include <algorithm>
#include <climits>
#include <tuple>

namespace brink::package {
namespace {

/// Text from a file, or from a parser that quotes it, must not write to terminals.
void replace_control_characters(std::string& text) {
  std::ranges::replace_if(
      text, [](unsigned char byte) { return byte < 0x20 || byte == 0x7f; }, '?');
}

}  // namespace

std::string in_quotes(std::string_view text) {
  constexpr std::size_t kLongest = 80;
  std::string out = "'";
  out += text.substr(0, kLongest);
  replace_control_characters(out);
  if (text.size() > kLongest) out += "...";
  out += '\'';
  return out;
}

std::string Diagnostics::line(Position at, std::string_view path, std::string_view message) const {
  std::string out = file_;
  if (at.line != 0) out += fmt::format(":{}:{}", at.line, at.column);
  if (!path.empty()) out += fmt::format(": {}", path);
  out += fmt::format(": {}", message);
  replace_control_characters(out);
  return out;
}

void Diagnostics::error(Position at, std::string_view path, std::string_view message) {
  ++error_count_;
  if (errors_.size() < kMost) errors_.push_back({at, line(at, path, message)});
}

void Diagnostics::warn(Position at, std::string_view path, std::string_view message) {
  if (warnings_.size() < kMost) warnings_.push_back(line(at, path, message));
}

void Diagnostics::add(const Diagnostics& other) {
  constexpr Position kBehindOurs = {UINT_MAX, UINT_MAX};
  for (const Found& error : other.errors_) {
    if (errors_.size() < kMost) errors_.push_back({kBehindOurs, error.text});
  }
  for (const std::string& warning : other.warnings_) {
    if (warnings_.size() < kMost) warnings_.push_back(warning);
  }
  error_count_ += other.error_count_;
}

Error Diagnostics::to_error() const {
  std::vector<Found> sorted = errors_;
  std::ranges::sort(sorted, [](const Found& a, const Found& b) {
    return std::tie(a.at, a.text) < std::tie(b.at, b.text);
  });
  std::string text;
  for (const Found& error : sorted) {
    if (!text.empty()) text += '\n';
    text += error.text;
  }
  if (error_count_ > errors_.size()) {
    text += fmt::format("\n{}: and {} more errors", file_, error_count_ - errors_.size());
  }
  return {ErrorCode::config_invalid, std::move(text), {}};
}

}  // namespace brink::package
