#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace brink::wcgi {

/// Every way in which a request to a program can end.
enum class Ending : std::uint8_t {
  answered,       ///< a complete answer
  trapped,        ///< the engine stopped the program: detail is the trap's name
  exited_early,   ///< it ended by itself before its header was complete
  no_header,      ///< it ended by itself with code 0 and printed nothing
  bad_header,     ///< what it printed is no header block: detail says why
  short_body,     ///< less output than its Content-Length says
  redirect_loop,  ///< too many local redirects
  wall_time,      ///< detail is the limit, as for the next three
  cpu_time,
  memory,
  output_limit,
  client_gone,
  bad_request,      ///< the client's body cannot be read: detail says why
  request_timeout,  ///< the client's body took too long
  queue_full,
  queue_timeout,
  draining,
  internal,  ///< our own fault: detail says what
};

/// How one request ended, as the access log and the error page tell it.
struct Outcome {
  Ending ending = Ending::answered;
  std::string detail;
  std::int64_t exit_code = 0;  ///< for exited_early
};

/// The exit code (EX_OSERR) of wasi-libc's start code when it cannot set up the
/// program, and what to do about it.
inline constexpr std::int64_t kWasiLibcFailure = 71;
inline constexpr std::string_view kWasiLibcHint =
    "with which wasi-libc ends a program that it cannot start, often since the stack of 64 KiB "
    "overflowed and wrote over its data; link it with -Wl,-z,stack-size=1048576";

/// Whether an error page shows what happened inside the program: to its author
/// (--debug), never to the public.
enum class Details : std::uint8_t { hide, show };

/// The code whose traits give the status, log level and whose fault it is;
/// nothing for Ending::answered.
std::optional<ErrorCode> error_code(Ending ending) noexcept;

/// The stable name for the access log and for metrics, such as "no_header".
std::string_view label(Ending ending) noexcept;

/// One sentence for the error page, without full stop: says whose fault it is,
/// and what happened in detail only when asked to show it.
std::string page_text(const Outcome& outcome, Details details);

/// The ending that an Error from a parser or a host call amounts to, with its
/// message as detail.
Outcome outcome_of(const Error& error);

/// The same as an Error, for the page and the log; `answered` is a bug.
Error to_error(const Outcome& outcome, Details details);

}  // namespace brink::wcgi
