#include "package/diagnostics.h"

#include <fmt/format.h>

#include <algorithm>

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
  if (errors_.size() < kMost) errors_.push_back(line(at, path, message));
}

void Diagnostics::warn(Position at, std::string_view path, std::string_view message) {
  if (warnings_.size() < kMost) warnings_.push_back(line(at, path, message));
}

void Diagnostics::add(const Diagnostics& other) {
  const auto copy_up_to_most = [](const auto& from, auto& to) {
    for (const std::string& entry : from) {
      if (to.size() < kMost) to.push_back(entry);
    }
  };
  copy_up_to_most(other.errors_, errors_);
  copy_up_to_most(other.warnings_, warnings_);
  error_count_ += other.error_count_;
}

Error Diagnostics::to_error() const {
  std::string text;
  for (const std::string& error : errors_) {
    if (!text.empty()) text += '\n';
    text += error;
  }
  if (error_count_ > errors_.size()) {
    text += fmt::format("\n{}: and {} more errors", file_, error_count_ - errors_.size());
  }
  return {ErrorCode::config_invalid, std::move(text), {}};
}

}  // namespace brink::package
