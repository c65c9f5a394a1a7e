#include "base/error.h"

#include <array>
#include <cerrno>
#include <system_error>

#include "base/check.h"

namespace brink {
namespace {

using enum ErrorCode;
using enum LogLevel;

constexpr std::array kTable = {
    ErrorTraits{bad_request, "bad_request", 400, info, Fault::client},
    ErrorTraits{request_line_too_long, "request_line_too_long", 414, info, Fault::client},
    ErrorTraits{headers_too_large, "headers_too_large", 431, info, Fault::client},
    ErrorTraits{body_too_large, "body_too_large", 413, info, Fault::client},
    ErrorTraits{request_timeout, "request_timeout", 408, info, Fault::client},
    ErrorTraits{expectation_failed, "expectation_failed", 417, info, Fault::client},
    ErrorTraits{not_found, "not_found", 404, info, Fault::client},
    ErrorTraits{method_not_allowed, "method_not_allowed", 405, info, Fault::client},
    ErrorTraits{misdirected_request, "misdirected_request", 421, info, Fault::client},
    ErrorTraits{not_implemented, "not_implemented", 501, info, Fault::client},
    ErrorTraits{version_not_supported, "version_not_supported", 505, info, Fault::client},
    ErrorTraits{client_gone, "client_gone", 499, info, Fault::client},
    ErrorTraits{guest_trap, "guest_trap", 502, warn, Fault::app},
    ErrorTraits{guest_exit, "guest_exit", 502, warn, Fault::app},
    ErrorTraits{guest_bad_answer, "guest_bad_answer", 502, warn, Fault::app},
    ErrorTraits{guest_wall_time, "guest_wall_time", 504, warn, Fault::app},
    ErrorTraits{guest_cpu_time, "guest_cpu_time", 504, warn, Fault::app},
    ErrorTraits{guest_memory, "guest_memory", 502, warn, Fault::app},
    ErrorTraits{guest_output, "guest_output", 502, warn, Fault::app},
    ErrorTraits{queue_full, "queue_full", 503, warn, Fault::platform},
    ErrorTraits{queue_timeout, "queue_timeout", 503, warn, Fault::platform},
    ErrorTraits{draining, "draining", 503, info, Fault::platform},
    ErrorTraits{usage, "usage", 500, LogLevel::error, Fault::operator_},
    ErrorTraits{config_invalid, "config_invalid", 500, LogLevel::error, Fault::operator_},
    ErrorTraits{module_invalid, "module_invalid", 500, LogLevel::error, Fault::operator_},
    ErrorTraits{file_not_found, "file_not_found", 500, LogLevel::error, Fault::operator_},
    ErrorTraits{file_unreadable, "file_unreadable", 500, LogLevel::error, Fault::operator_},
    ErrorTraits{address_in_use, "address_in_use", 500, LogLevel::error, Fault::operator_},
    ErrorTraits{compile_failed, "compile_failed", 500, LogLevel::error, Fault::operator_},
    ErrorTraits{io_error, "io_error", 500, LogLevel::error, Fault::platform},
    ErrorTraits{resource_exhausted, "resource_exhausted", 503, LogLevel::error, Fault::platform},
    ErrorTraits{internal, "internal", 500, LogLevel::error, Fault::platform},
};

static_assert(kTable.size() == static_cast<std::size_t>(internal) + 1);
static_assert([] {
  for (std::size_t i = 0; i < kTable.size(); ++i) {
    if (static_cast<std::size_t>(kTable[i].code) != i) return false;
  }
  return true;
}());

}  // namespace

const ErrorTraits& traits(ErrorCode code) noexcept {
  return kTable[static_cast<std::size_t>(code)];
}

std::string Error::text() const { return remedy.empty() ? message : message + "; " + remedy; }

namespace {

/// What a user can do about a file that cannot be used.
std::string_view remedy_for(ErrorCode code, int errno_value) {
  if (code != file_not_found && code != file_unreadable) return {};
  switch (errno_value) {
    case ENOENT:
    case ENOTDIR:
      return "check the path";
    case EACCES:
    case EPERM:
      return "give this user the right to read it";
    default:
      return "check what is at that path";
  }
}

}  // namespace

Error errno_error(ErrorCode code, std::string_view what, int errno_value) {
  return {code, std::string(what) + ": " + std::generic_category().message(errno_value),
          std::string(remedy_for(code, errno_value))};
}

}  // namespace brink
