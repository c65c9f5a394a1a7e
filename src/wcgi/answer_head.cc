#include "wcgi/answer_head.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "http/chars.h"
#include "wcgi/text.h"

namespace brink::wcgi {
namespace {

std::unexpected<Error> bad(std::string message, std::string remedy = {}) {
  return fail(ErrorCode::guest_bad_answer, std::move(message), std::move(remedy));
}

bool starts_with_scheme(std::string_view uri) {
  const auto colon = uri.find_first_of(":/?#");
  if (colon == std::string_view::npos || colon == 0 || uri[colon] != ':') return false;
  return http::is_alpha(static_cast<unsigned char>(uri[0])) &&
         std::ranges::all_of(uri.substr(0, colon), [](char c) {
           const auto byte = static_cast<unsigned char>(c);
           return http::is_alpha(byte) || http::is_digit(byte) || c == '+' || c == '-' || c == '.';
         });
}

/// "//host/path" names another host: for the browser, not for this server.
bool is_local_path(std::string_view location) {
  return location.starts_with('/') && !location.starts_with("//");
}

bool is_number(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

bool connection_names(std::string_view connection, std::string_view name) {
  http::ListValues list(connection);
  for (std::string_view member; list.next(member);) {
    if (http::equals_ignoring_case(member, name)) return true;
  }
  return false;
}

}  // namespace

Result<void> AnswerHeadBuilder::set_status(std::string_view digits, std::string_view reason) {
  if (digits.size() != 3 || !is_number(digits)) {
    return bad(fmt::format("the status \"{}\" is not three digits", excerpt(digits)),
               "print it as \"Status: 404 Not Found\"");
  }
  const auto status = static_cast<std::uint16_t>((digits[0] - '0') * 100 + (digits[1] - '0') * 10 +
                                                 digits[2] - '0');
  if (status < 200 || status > 599) {
    return bad(
        fmt::format("the status {} is not between 200 and 599", status),
        status < 200 ? "a program gives one final answer; interim ones are the server's" : "");
  }
  if (!http::all(http::kFieldValue, reason)) {
    return bad("the reason after the status has a control byte in it");
  }
  if (status_ && *status_ != status) {
    return bad(fmt::format("two statuses, {} and {}", *status_, status), "print one of them");
  }
  if (!status_) {
    reason_at_ = text_.size();
    reason_size_ = reason.size();
    text_.append(reason);
  }
  status_ = status;
  return {};
}

Result<void> AnswerHeadBuilder::add(std::string_view name, std::string_view value) {
  if (++count_ > max_fields_) return bad(fmt::format("more than {} header fields", max_fields_));
  if (name.empty()) return bad("a header field without a name");
  if (!http::all(http::kToken, name)) {
    return bad(fmt::format("\"{}\" is not a header field's name", excerpt(name)),
               "print the header fields, one blank line, then the body");
  }
  value = http::trim(value);
  if (!http::all(http::kFieldValue, value)) {
    return bad(fmt::format("the value of {} has a control byte in it", excerpt(name)));
  }
  if (http::equals_ignoring_case(name, "status")) {
    const auto space = value.find_first_of(" \t");
    const auto reason = space == std::string_view::npos ? "" : http::trim(value.substr(space));
    return set_status(value.substr(0, space), reason);
  }
  if (http::equals_ignoring_case(name, "content-length")) return add_content_length(value);
  if (http::equals_ignoring_case(name, "location")) return add_location(value);
  if (http::equals_ignoring_case(name, "content-type")) {
    if (has_content_type_) return bad("two Content-Type fields", "print one of them");
    if (value.empty()) return bad("Content-Type is empty");
    has_content_type_ = true;
  }
  if (http::equals_ignoring_case(name, "connection")) {
    connection_.append(connection_.empty() ? "" : ",").append(value);
    return {};
  }
  // The server dates its answers itself: a guest's clock may be anything.
  if (http::is_hop_by_hop(name) || http::equals_ignoring_case(name, "date")) return {};
  keep(name, value);
  return {};
}

Result<void> AnswerHeadBuilder::add_content_length(std::string_view value) {
  if (head_.content_length) return bad("two Content-Length fields", "print one of them, or none");
  std::uint64_t length = 0;
  const auto* end = value.data() + value.size();
  const auto [stop, error] = std::from_chars(value.data(), end, length);
  if (!is_number(value) || error != std::errc() || stop != end) {
    return bad(fmt::format("Content-Length \"{}\" is not a number of bytes", excerpt(value)),
               "leave it out if the length is not known");
  }
  head_.content_length = length;
  return {};
}

Result<void> AnswerHeadBuilder::add_location(std::string_view value) {
  if (location_) return bad("two Location fields", "print one of them");
  if (value.empty()) return bad("Location is empty");
  location_ = slices_.size();
  keep("Location", value);
  return {};
}

void AnswerHeadBuilder::keep(std::string_view name, std::string_view value) {
  const auto at = text_.size();
  text_.append(name).append(value);
  slices_.push_back({at, name.size(), at + name.size(), value.size()});
}

void AnswerHeadBuilder::drop_connection_fields() {
  if (connection_.empty()) return;
  std::erase_if(fields_, [this](const http::Field& field) {
    return !http::equals_ignoring_case(field.name, "location") &&
           !http::equals_ignoring_case(field.name, "content-type") &&
           connection_names(connection_, field.name);
  });
}

Result<void> AnswerHeadBuilder::finish() {
  if (!status_ && !has_content_type_ && !location_) {
    return bad(count_ == 0 ? "the header block is empty"
                           : "the header block has none of Status, Content-Type and Location",
               "print at least \"Content-Type: text/plain\" and a blank line before the body");
  }
  TRY_VOID(choose_form());
  head_.reason = text(reason_at_, reason_size_);
  const bool local = head_.form == AnswerForm::local_redirect;
  for (std::size_t i = 0; i < slices_.size(); ++i) {
    const auto& slice = slices_[i];
    if (local && i == *location_) continue;
    fields_.push_back({text(slice.name, slice.name_size), text(slice.value, slice.value_size)});
  }
  drop_connection_fields();
  head_.fields = fields_;
  return {};
}

Result<void> AnswerHeadBuilder::choose_form() {
  head_.status = status_.value_or(location_ ? 302 : 200);
  if (!location_) return {};
  const auto& slice = slices_[*location_];
  const auto target = text(slice.value, slice.value_size);
  if (!status_ && !has_content_type_ && is_local_path(target)) {
    if (!http::all(http::kTarget, target)) {
      return bad(fmt::format("the local Location \"{}\" has bytes that a path cannot have",
                             excerpt(target)),
                 "percent-encode it, and leave out any #fragment");
    }
    head_.form = AnswerForm::local_redirect;
    head_.local_target = target;
    return {};
  }
  // With a status that does not redirect, such as 201, Location is a plain field.
  if (head_.status < 300 || head_.status > 399) return {};
  if (!status_ && !starts_with_scheme(target) && !target.starts_with('/')) {
    return bad(fmt::format("Location \"{}\" is neither an absolute URI nor a path from /",
                           excerpt(target)),
               "or print a Status, to have it sent as it is");
  }
  head_.form =
      has_content_type_ ? AnswerForm::client_redirect_document : AnswerForm::client_redirect;
  return {};
}

void AnswerHeadBuilder::reset() {
  text_.clear();
  slices_.clear();
  fields_.clear();
  connection_.clear();
  head_ = {};
  count_ = reason_at_ = reason_size_ = 0;
  status_.reset();
  location_.reset();
  has_content_type_ = false;
}

}  // namespace brink::wcgi
