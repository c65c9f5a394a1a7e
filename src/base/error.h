#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace brink {

/// Every way something can go wrong, whoever caused it. One row of the table in
/// error.cc per code: HTTP status, metric label, log level and whose fault.
enum class ErrorCode : std::uint8_t {
  // The client's fault.
  bad_request,
  request_line_too_long,
  headers_too_large,
  body_too_large,
  request_timeout,
  expectation_failed,
  not_found,
  method_not_allowed,
  misdirected_request,
  not_implemented,
  version_not_supported,
  client_gone,
  // The program's (or its author's) fault.
  guest_trap,
  guest_exit,
  guest_bad_answer,
  guest_wall_time,
  guest_cpu_time,
  guest_memory,
  guest_output,
  // Too much at once.
  queue_full,
  queue_timeout,
  draining,
  // The fault of whoever starts or configures brink.
  usage,
  config_invalid,
  module_invalid,
  file_not_found,
  file_unreadable,
  address_in_use,
  compile_failed,
  // The platform's fault.
  io_error,
  resource_exhausted,
  internal,
};

enum class Fault : std::uint8_t { client, app, operator_, platform };
enum class LogLevel : std::uint8_t { debug, info, warn, error };

/// What the rest of brink does with an error of one code.
struct ErrorTraits {
  ErrorCode code;
  std::string_view label;  ///< stable name: metrics, access log, error pages
  std::uint16_t status;    ///< HTTP status of the page the client gets
  LogLevel level;
  Fault fault;
};

/// The table's row. Thread-safe; never fails.
const ErrorTraits& traits(ErrorCode code) noexcept;

/// A failure as a value: what happened, and what to do about it.
struct Error {
  ErrorCode code = ErrorCode::internal;
  std::string message;  ///< one line, no trailing full stop, cause included
  std::string remedy;   ///< what the reader can do; may be empty

  /// The same error with "context: " put in front of its message.
  [[nodiscard]] Error in(std::string_view context) && {
    message.insert(0, std::string(context) + ": ");
    return std::move(*this);
  }

  /// "message; remedy" on one line, for terminals and logs.
  [[nodiscard]] std::string text() const;
};

/// An Error from an errno value: "what: No such file or directory". For files that
/// users name, with the usual remedy.
Error errno_error(ErrorCode code, std::string_view what, int errno_value);

}  // namespace brink
