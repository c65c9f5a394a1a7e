#include "http/request_parser.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "http/authority.h"
#include "http/chars.h"
#include "http/field_line.h"
#include "http/refusal.h"

namespace brink::http {
namespace {

constexpr std::size_t kLineEndSize = 2;
constexpr ByteSize kMaxSectionLimit = 1_MiB;
constexpr std::uint32_t kMaxFieldLimit = 1000;
constexpr std::size_t kUsualFieldCount = 16;
constexpr char kTlsHandshake = 0x16;

/// Refuses at its first byte what can't become a request, so that a client that
/// speaks another protocol gets its answer at once instead of a timeout.
Result<void> check_first_byte(char c) {
  if (is(kToken, c) || c == '\r' || c == '\n') [[likely]] {
    return {};
  }
  if (c == kTlsHandshake) return refuse("a TLS handshake on a plain HTTP port", "use http://");
  return refuse("a method that is not a token");
}

}  // namespace

RequestParser::RequestParser(const RequestLimits& limits) : limits_(limits) {
  BRINK_CHECK(limits.max_request_line <= kMaxSectionLimit);
  BRINK_CHECK(limits.max_header_bytes <= kMaxSectionLimit);
  BRINK_CHECK(limits.max_fields <= kMaxFieldLimit);
  BRINK_CHECK(limits.max_leading_empty_lines <= kMaxFieldLimit);
}

void RequestParser::reset() noexcept {
  phase_ = Phase::request_line;
  line_begin_ = scanned_ = fields_begin_ = 0;
  empty_lines_ = 0;
  method_kind_ = MethodKind::other;
  framing_ = {};
  slices_.clear();
  fields_.clear();
  head_ = {};
}

Result<const RequestHead*> RequestParser::parse(std::string_view buffered) {
  while (phase_ != Phase::complete) {
    TRY(const Step step, read_line(buffered));
    if (step == Step::need_more) return nullptr;
  }
  bind(buffered);
  return &head_;
}

std::size_t RequestParser::line_limit() const noexcept {
  return phase_ == Phase::request_line
             ? line_begin_ + limits_.max_request_line.bytes() + kLineEndSize
             : fields_begin_ + limits_.max_header_bytes.bytes();
}

Result<RequestParser::Step> RequestParser::read_line(std::string_view buffered) {
  const std::size_t limit = line_limit();
  const std::size_t from = line_begin_ + scanned_;
  const std::size_t to = std::min(buffered.size(), limit);
  if (from < to && scanned_ == 0 && phase_ == Phase::request_line) {
    TRY_VOID(check_first_byte(buffered[from]));
  }
  const void* found = from < to ? std::memchr(buffered.data() + from, '\n', to - from) : nullptr;
  if (found == nullptr) {
    if (buffered.size() >= limit) {
      return phase_ == Phase::request_line
                 ? refuse(ErrorCode::request_line_too_long, "a request line above the limit of " +
                                                                to_string(limits_.max_request_line))
                 : refuse(ErrorCode::headers_too_large, "header fields above the limit of " +
                                                            to_string(limits_.max_header_bytes));
    }
    scanned_ = to - line_begin_;
    return Step::need_more;
  }
  const auto line_feed =
      static_cast<std::size_t>(static_cast<const char*>(found) - buffered.data());
  if (line_feed == line_begin_ || buffered[line_feed - 1] != '\r') {
    return refuse("a line that ends in a bare LF", "end each line with CR LF");
  }
  const std::string_view line = buffered.substr(line_begin_, line_feed - 1 - line_begin_);
  if (phase_ == Phase::request_line) {
    TRY_VOID(take_request_line(buffered, line));
  } else if (!line.empty()) {
    TRY_VOID(take_field(buffered, line));
  } else {
    TRY_VOID(finish(buffered));
  }
  line_begin_ = line_feed + 1;
  scanned_ = 0;
  if (phase_ == Phase::fields && fields_begin_ == 0) fields_begin_ = line_begin_;
  return Step::advanced;
}

RequestParser::Slice RequestParser::slice(std::string_view buffered,
                                          std::string_view part) noexcept {
  if (part.empty()) return {};
  return {static_cast<std::uint32_t>(part.data() - buffered.data()),
          static_cast<std::uint32_t>(part.size())};
}

std::string_view RequestParser::view(std::string_view buffered, Slice slice) noexcept {
  return {buffered.data() + slice.begin, slice.size};
}

Result<void> RequestParser::take_request_line(std::string_view buffered, std::string_view line) {
  if (line.empty()) {
    if (++empty_lines_ > limits_.max_leading_empty_lines) {
      return refuse("too many empty lines before a request");
    }
    return {};
  }
  method_kind_ = method_kind(line.substr(0, line.find(' ')));
  TRY(const RequestLine parsed, parse_request_line(line, limits_));
  method_ = slice(buffered, parsed.method);
  target_ = slice(buffered, parsed.target);
  path_ = slice(buffered, parsed.parts.path);
  query_ = slice(buffered, parsed.parts.query);
  scheme_ = slice(buffered, parsed.parts.scheme);
  authority_ = slice(buffered, parsed.parts.authority);
  head_.has_query = parsed.parts.has_query;
  head_.form = parsed.parts.form;
  head_.minor_version = parsed.minor_version;
  head_.version = parsed.minor_version == 0 ? Version::http10 : Version::http11;
  phase_ = Phase::fields;
  return {};
}

Result<void> RequestParser::take_field(std::string_view buffered, std::string_view line) {
  if (slices_.size() >= limits_.max_fields) {
    return refuse(ErrorCode::headers_too_large,
                  "more than " + std::to_string(limits_.max_fields) + " header fields");
  }
  TRY(const Field field, parse_field_line(line));
  TRY_VOID(framing_.add(field, static_cast<std::uint32_t>(slices_.size())));
  if (slices_.capacity() == 0) slices_.reserve(kUsualFieldCount);
  slices_.push_back({slice(buffered, field.name), slice(buffered, field.value)});
  return {};
}

Result<void> RequestParser::finish(std::string_view buffered) {
  TRY_VOID(framing_.finish(limits_, head_));
  TRY_VOID(settle_authority(buffered));
  head_.bytes = line_begin_ + kLineEndSize;
  phase_ = Phase::complete;
  return {};
}

Result<void> RequestParser::settle_authority(std::string_view buffered) {
  Authority field;
  Slice field_slice;
  if (framing_.has_host()) {
    field_slice = slices_[framing_.host_index()].value;
    TRY(field, parse_authority(view(buffered, field_slice), "the Host field"));
  }
  Authority settled = field;
  if (head_.form == TargetForm::absolute || head_.form == TargetForm::authority) {
    TRY(settled, parse_authority(view(buffered, authority_), "the target"));
    std::uint16_t default_port = settled.port;
    if (head_.form == TargetForm::absolute) {
      default_port = equals_ignoring_case(view(buffered, scheme_), "https") ? 443 : 80;
    } else if (settled.port == 0) {
      return refuse("a CONNECT target without a port");
    }
    if (framing_.has_host() && !same_authority(settled, field, default_port)) {
      return refuse("a Host field that disagrees with the target");
    }
  } else {
    authority_ = field_slice;
  }
  host_ = slice(buffered, settled.host);
  head_.port = settled.port;
  return {};
}

void RequestParser::bind(std::string_view buffered) {
  head_.method = view(buffered, method_);
  head_.target = view(buffered, target_);
  head_.path = view(buffered, path_);
  head_.query = view(buffered, query_);
  head_.scheme = view(buffered, scheme_);
  head_.authority = view(buffered, authority_);
  head_.host = view(buffered, host_);
  fields_.clear();
  fields_.reserve(slices_.size());
  for (const FieldSlices& field : slices_) {
    fields_.push_back({view(buffered, field.name), view(buffered, field.value)});
  }
  head_.fields = fields_;
}

}  // namespace brink::http
