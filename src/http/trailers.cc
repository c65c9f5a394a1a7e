#include "http/trailers.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "http/field_line.h"
#include "http/refusal.h"

namespace brink::http {
namespace {

/// Beside the hop-by-hop fields; grouped as RFC 9110 6.5.1 lists the reasons.
constexpr std::array<std::string_view, 30> kForbidden = {
    // Framing and routing.
    "Content-Length", "Host", "Forwarded", "X-Forwarded-For", "X-Forwarded-Host",
    "X-Forwarded-Proto", "X-Real-IP", "Proxy",
    // Request modifiers and conditions.
    "Cache-Control", "Expect", "Max-Forwards", "Pragma", "Range", "If-Match", "If-None-Match",
    "If-Modified-Since", "If-Unmodified-Since", "If-Range",
    // Authentication and what amounts to it.
    "Authorization", "WWW-Authenticate", "Authentication-Info", "Proxy-Authentication-Info",
    "Cookie", "Set-Cookie", "Origin", "Referer",
    // The content's own format.
    "Content-Encoding", "Content-Type", "Content-Range", "Content-Location"};

}  // namespace

bool is_forbidden_in_trailers(std::string_view name) noexcept {
  return is_hop_by_hop(name) ||
         std::any_of(kForbidden.begin(), kForbidden.end(),
                     [name](std::string_view known) { return equals_ignoring_case(known, name); });
}

void Trailers::clear() noexcept {
  text_.clear();
  line_begin_ = 0;
  ended_ = false;
  slices_.clear();
  fields_.clear();
}

Result<std::size_t> Trailers::take(std::string_view in, const RequestLimits& limits) {
  std::size_t used = 0;
  while (!ended_ && used < in.size()) {
    const std::size_t room = limits.max_trailer_bytes.bytes() - text_.size();
    const std::string_view window = in.substr(used, room);
    const std::size_t line_feed = window.find('\n');
    const bool has_line = line_feed != std::string_view::npos;
    const std::size_t taken = has_line ? line_feed + 1 : window.size();
    if (!has_line && taken == room) {
      return refuse(ErrorCode::headers_too_large,
                    "trailer fields above the limit of " + to_string(limits.max_trailer_bytes));
    }
    text_.append(window.substr(0, taken));
    used += taken;
    if (!has_line) break;
    const std::string_view line = std::string_view(text_).substr(line_begin_);
    if (!line.ends_with("\r\n")) return refuse("a trailer line that ends in a bare LF");
    TRY_VOID(take_line(line.substr(0, line.size() - 2), limits));
    line_begin_ = text_.size();
  }
  return used;
}

Result<void> Trailers::take_line(std::string_view line, const RequestLimits& limits) {
  if (line.empty()) {
    ended_ = true;
    bind();
    return {};
  }
  if (slices_.size() >= limits.max_trailer_fields) {
    return refuse(ErrorCode::headers_too_large,
                  "more than " + std::to_string(limits.max_trailer_fields) + " trailer fields");
  }
  TRY(const Field field, parse_field_line(line));
  if (is_forbidden_in_trailers(field.name)) {
    return refuse("a trailer field that belongs into the header: " + std::string(field.name));
  }
  const auto offset = [this](std::string_view part) {
    return static_cast<std::size_t>(part.data() - text_.data());
  };
  slices_.push_back(
      {offset(field.name), field.name.size(), offset(field.value), field.value.size()});
  return {};
}

void Trailers::bind() {
  const std::string_view text = text_;
  for (const Slice& slice : slices_) {
    fields_.push_back(
        {text.substr(slice.name, slice.name_size), text.substr(slice.value, slice.value_size)});
  }
}

}  // namespace brink::http
