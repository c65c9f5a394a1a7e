#include "http/response_writer.h"

#include <array>
#include <charconv>

#include "base/check.h"
#include "http/chars.h"

namespace brink::http {
namespace {

constexpr std::string_view kOkLine = "HTTP/1.1 200 OK\r\n";

enum class Owner : std::uint8_t { caller, writer, date };

/// Who says what this field is. The length sorts most names out.
Owner owner_of(std::string_view name) noexcept {
  const auto named = [name](std::string_view known) { return equals_ignoring_case(name, known); };
  switch (name.size()) {
    case 2:
      return named("TE") ? Owner::writer : Owner::caller;
    case 4:
      return named("Date") ? Owner::date : Owner::caller;
    case 7:
      return named("Upgrade") ? Owner::writer : Owner::caller;
    case 10:
      return named("Connection") || named("Keep-Alive") ? Owner::writer : Owner::caller;
    case 14:
      return named("Content-Length") ? Owner::writer : Owner::caller;
    case 16:
      return named("Proxy-Connection") ? Owner::writer : Owner::caller;
    case 17:
      return named("Transfer-Encoding") ? Owner::writer : Owner::caller;
    default:
      return Owner::caller;
  }
}

void append_number(std::string& out, std::uint64_t number) {
  std::array<char, 20> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

void append_status_line(std::string& out, std::uint16_t status, std::string_view reason) {
  out.append("HTTP/1.1 ");
  append_number(out, status);
  out.push_back(' ');
  out.append(reason.empty() ? reason_phrase(status) : reason);
  out.append("\r\n");
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\r\n");
}

/// What is wrong with a field, or nothing.
std::string_view field_fault(std::string_view name, std::string_view value) noexcept {
  if (!is_token(name)) return "a field name that is not a token";
  if (!all(kFieldValue, value)) return "a control byte in the value of a field";
  return {};
}

}  // namespace

HeadWriter::HeadWriter(std::string& out, std::uint16_t status, std::string_view reason)
    : out_(out), begin_(out.size()) {
  if (status == 200 && reason.empty()) {
    out_.append(kOkLine);
    return;
  }
  if (status < 200 || status > 599) refuse("status " + std::to_string(status));
  if (!all(kFieldValue, reason)) refuse("a control byte in the reason phrase");
  append_status_line(out_, status, reason);
}

void HeadWriter::refuse(std::string message) {
  if (error_) return;
  error_ = Error{ErrorCode::guest_bad_answer, std::move(message), {}};
}

HeadWriter& HeadWriter::field(std::string_view name, std::string_view value) {
  const Owner owner = owner_of(name);
  if (owner == Owner::writer) return *this;
  if (owner == Owner::date) has_date_ = true;
  if (const std::string_view fault = field_fault(name, value); !fault.empty()) [[unlikely]] {
    refuse(std::string(fault));
    return *this;
  }
  append_field(out_, name, value);
  return *this;
}

HeadWriter& HeadWriter::fields(std::span<const Field> fields) {
  for (const Field& each : fields) field(each.name, each.value);
  return *this;
}

Result<void> HeadWriter::finish(const AnswerFraming& framing, std::string_view date_line) {
  if (error_) {
    out_.resize(begin_);
    return std::unexpected(std::move(*error_));
  }
  if (!has_date_) out_.append(date_line);
  if (framing.content_length) {
    out_.append("Content-Length: ");
    append_number(out_, *framing.content_length);
    out_.append("\r\n");
  } else if (framing.body == AnswerBody::chunked) {
    out_.append("Transfer-Encoding: chunked\r\n");
  }
  if (framing.persistence == Persistence::close) {
    out_.append("Connection: close\r\n");
  } else if (framing.version == Version::http10) {
    out_.append("Connection: keep-alive\r\n");
  }
  out_.append("\r\n");
  return {};
}

Result<void> append_interim(std::string& out, std::uint16_t status, std::span<const Field> fields) {
  BRINK_CHECK(status >= 100 && status <= 199);
  const std::size_t begin = out.size();
  append_status_line(out, status, {});
  for (const Field& field : fields) {
    if (const std::string_view fault = field_fault(field.name, field.value); !fault.empty()) {
      out.resize(begin);
      return fail(ErrorCode::guest_bad_answer, std::string(fault));
    }
    append_field(out, field.name, field.value);
  }
  out.append("\r\n");
  return {};
}

}  // namespace brink::http
