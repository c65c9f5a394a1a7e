#include "package/diagnostics.h"

#include <fmt/format.h>

#include <algorithm>
#include <climits>
#include <tuple>

namespace brink::package {

std::string in_quotes(std::string_view text) {
  constexpr std::size_t kLongest = 80;
  std::string out = "'";
  for (const char c : text.substr(0, kLongest)) {
    const auto byte = static_cast<unsigned char>(c);
    out += byte < 0x20 || byte == 0x7f ? '?' : c;
  }
  if (text.size() > kLongest) out += "...";
  out += '\'';
  return out;
}

std::string Diagnostics::line(Position at, std::string_view path, std::string_view message) const {
  std::string out = file_;
  if (at.line != 0) out += fmt::format(":{}:{}", at.line, at.column);
  if (!path.empty()) out += fmt::format(": {}", path);
  return out += fmt::format(": {}", message);
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
