#include "wcgi/outcome.h"

#include <fmt/format.h>

#include <array>

#include "base/check.h"

namespace brink::wcgi {
namespace {

struct Row {
  Ending ending;
  std::optional<ErrorCode> code;
  std::string_view label;
  std::string_view page;    ///< for everybody
  std::string_view remedy;  ///< for whoever can act: the author, or the client
};

using enum Ending;

constexpr std::array kRows = {
    Row{answered, std::nullopt, "answered", "", ""},
    Row{trapped, ErrorCode::guest_trap, "trapped", "the program crashed",
        "the log has the backtrace"},
    Row{exited_early, ErrorCode::guest_exit, "exited_early",
        "the program ended before its answer began", ""},
    Row{no_header, ErrorCode::guest_bad_answer, "no_header", "the program printed nothing",
        "print at least \"Content-Type: text/plain\" and a blank line"},
    Row{bad_header, ErrorCode::guest_bad_answer, "bad_header",
        "the program's answer could not be understood", ""},
    Row{short_body, ErrorCode::guest_bad_answer, "short_body",
        "the program's answer is shorter than it says", "leave Content-Length out"},
    Row{redirect_loop, ErrorCode::guest_bad_answer, "redirect_loop",
        "the program redirects in circles", ""},
    Row{wall_time, ErrorCode::guest_wall_time, "wall_time", "the program took too long",
        "raise limits.wall_time"},
    Row{cpu_time, ErrorCode::guest_cpu_time, "cpu_time", "the program computed for too long",
        "raise limits.cpu_time"},
    Row{memory, ErrorCode::guest_memory, "memory", "the program ran out of memory",
        "raise limits.memory"},
    Row{output_limit, ErrorCode::guest_output, "output_limit", "the program's answer is too long",
        "raise limits.output"},
    Row{client_gone, ErrorCode::client_gone, "client_gone", "the client went away", ""},
    Row{bad_request, ErrorCode::bad_request, "bad_request", "the request's body cannot be read",
        ""},
    Row{request_timeout, ErrorCode::request_timeout, "request_timeout",
        "the request's body took too long", ""},
    Row{queue_full, ErrorCode::queue_full, "queue_full",
        "too many requests for this program at once", "try again later"},
    Row{queue_timeout, ErrorCode::queue_timeout, "queue_timeout",
        "the program was busy with other requests for too long", "try again later"},
    Row{draining, ErrorCode::draining, "draining", "the server is shutting down", "try again"},
    Row{internal, ErrorCode::internal, "internal", "the server failed, not the program", ""},
};

static_assert(kRows.size() == static_cast<std::size_t>(internal) + 1);
static_assert([] {
  for (std::size_t i = 0; i < kRows.size(); ++i) {
    if (static_cast<std::size_t>(kRows[i].ending) != i) return false;
  }
  return true;
}());

const Row& row(Ending ending) noexcept { return kRows[static_cast<std::size_t>(ending)]; }

std::string details_of(const Outcome& outcome) {
  if (outcome.ending != exited_early) return outcome.detail;
  auto text = fmt::format("exit code {}", outcome.exit_code);
  if (outcome.exit_code == kWasiLibcFailure) text.append(", ").append(kWasiLibcHint);
  if (!outcome.detail.empty()) text.append(", ").append(outcome.detail);
  return text;
}

}  // namespace

std::optional<ErrorCode> error_code(Ending ending) noexcept { return row(ending).code; }

std::string_view label(Ending ending) noexcept { return row(ending).label; }

std::string page_text(const Outcome& outcome, Details details) {
  std::string text(row(outcome.ending).page);
  if (details == Details::hide) return text;
  if (const auto more = details_of(outcome); !more.empty()) text.append(": ").append(more);
  return text;
}

namespace {

Ending ending_of(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::guest_trap:
      return trapped;
    case ErrorCode::guest_exit:
      return exited_early;
    case ErrorCode::guest_bad_answer:
      return bad_header;
    case ErrorCode::guest_wall_time:
      return wall_time;
    case ErrorCode::guest_cpu_time:
      return cpu_time;
    case ErrorCode::guest_memory:
      return memory;
    case ErrorCode::guest_output:
      return output_limit;
    case ErrorCode::client_gone:
      return client_gone;
    case ErrorCode::bad_request:
    case ErrorCode::body_too_large:
    case ErrorCode::headers_too_large:
      return bad_request;
    case ErrorCode::request_timeout:
      return request_timeout;
    case ErrorCode::queue_full:
      return queue_full;
    case ErrorCode::queue_timeout:
      return queue_timeout;
    case ErrorCode::draining:
      return draining;
    default:
      return internal;
  }
}

}  // namespace

Outcome outcome_of(const Error& error) { return {ending_of(error.code), error.text(), 0}; }

Error to_error(const Outcome& outcome, Details details) {
  const auto& entry = row(outcome.ending);
  BRINK_CHECK(entry.code.has_value());
  const bool for_client = traits(*entry.code).fault != Fault::app;
  const bool show_remedy = for_client || details == Details::show;
  return {*entry.code, page_text(outcome, details),
          show_remedy ? std::string(entry.remedy) : std::string()};
}

}  // namespace brink::wcgi
