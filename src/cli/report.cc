#include "cli/report.h"

#include <fmt/format.h>

#include <algorithm>

namespace brink::cli {

int exit_code(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::usage:
    case ErrorCode::config_invalid:
    case ErrorCode::module_invalid:
    case ErrorCode::file_not_found:
    case ErrorCode::file_unreadable:
    case ErrorCode::compile_failed:
      return kInputWrong;
    default:
      return kMachineRefuses;
  }
}

std::string error_lines(const Error& error, std::string_view context) {
  std::string text = error.text();
  const bool several = error.code == ErrorCode::config_invalid;
  std::ranges::replace_if(
      text, [&](unsigned char c) { return (c < 0x20 || c == 0x7f) && !(several && c == '\n'); },
      '?');
  std::string out;
  for (std::size_t from = 0; from <= text.size();) {
    const std::size_t to = std::min(text.find('\n', from), text.size());
    out += fmt::format("error: {}{}\n", context, std::string_view(text).substr(from, to - from));
    from = to + 1;
  }
  return out;
}

}  // namespace brink::cli
