#include "http/error_page.h"

#include <algorithm>

#include "base/check.h"
#include "http/chars.h"
#include "http/response_writer.h"

namespace brink::http {
namespace {

constexpr std::uint16_t kUnavailable = 503;

std::string_view blame(Fault fault) noexcept {
  switch (fault) {
    case Fault::client:
      return "The request is at fault.";
    case Fault::app:
      return "The program behind this address is at fault.";
    case Fault::operator_:
      return "The server's configuration is at fault.";
    case Fault::platform:
      break;
  }
  return "The server is at fault.";
}

std::string retry_text(const ErrorPageOptions& options) {
  return std::to_string(std::max<std::int64_t>(options.retry_after.count(), 0));
}

bool is_sendable(const Field& field) noexcept {
  return is_token(field.name) && all(kFieldValue, field.value);
}

}  // namespace

std::string error_page_text(const Error& error, const ErrorPageOptions& options) {
  const ErrorTraits& row = traits(error.code);
  std::string text = std::to_string(row.status);
  text.append(" ").append(reason_phrase(row.status));
  if (options.detail == Detail::full || row.fault == Fault::client) {
    if (!error.message.empty()) text.append(": ").append(error.message);
    if (!error.remedy.empty()) text.append("; ").append(error.remedy);
  }
  text.append("\n");
  if (row.status == kUnavailable) {
    text.append("The server is busy. Try again in ").append(retry_text(options)).append(" s.\n");
  } else {
    text.append(blame(row.fault)).append("\n");
  }
  return text;
}

Persistence append_error_page(std::string& out, const Error& error, const Exchange& exchange,
                              Persistence wanted, std::string_view date_line,
                              const ErrorPageOptions& options) {
  const std::uint16_t status = traits(error.code).status;
  const std::string text = error_page_text(error, options);
  const AnswerFraming framing = decide_framing(exchange, status, text.size(), wanted);
  HeadWriter writer(out, status);
  writer.field("Content-Type", "text/plain; charset=utf-8");
  writer.field("Cache-Control", "no-store");
  writer.field("X-Content-Type-Options", "nosniff");
  if (status == kUnavailable) writer.field("Retry-After", retry_text(options));
  for (const Field& field : options.fields) {
    if (is_sendable(field)) writer.field(field.name, field.value);
  }
  const Result<void> written = writer.finish(framing, date_line);
  BRINK_CHECK(written.has_value());
  if (framing.body == AnswerBody::length) out.append(text);
  return framing.persistence;
}

}  // namespace brink::http
