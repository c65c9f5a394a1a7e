#include "http/response.h"

#include <algorithm>
#include <array>

namespace brink::http {
namespace {

struct Reason {
  std::uint16_t status;
  std::string_view phrase;
};

/// The IANA registry of status codes; sorted.
constexpr std::array kReasons = {
    Reason{100, "Continue"},
    Reason{101, "Switching Protocols"},
    Reason{102, "Processing"},
    Reason{103, "Early Hints"},
    Reason{200, "OK"},
    Reason{201, "Created"},
    Reason{202, "Accepted"},
    Reason{203, "Non-Authoritative Information"},
    Reason{204, "No Content"},
    Reason{205, "Reset Content"},
    Reason{206, "Partial Content"},
    Reason{207, "Multi-Status"},
    Reason{208, "Already Reported"},
    Reason{226, "IM Used"},
    Reason{300, "Multiple Choices"},
    Reason{301, "Moved Permanently"},
    Reason{302, "Found"},
    Reason{303, "See Other"},
    Reason{304, "Not Modified"},
    Reason{305, "Use Proxy"},
    Reason{307, "Temporary Redirect"},
    Reason{308, "Permanent Redirect"},
    Reason{400, "Bad Request"},
    Reason{401, "Unauthorized"},
    Reason{402, "Payment Required"},
    Reason{403, "Forbidden"},
    Reason{404, "Not Found"},
    Reason{405, "Method Not Allowed"},
    Reason{406, "Not Acceptable"},
    Reason{407, "Proxy Authentication Required"},
    Reason{408, "Request Timeout"},
    Reason{409, "Conflict"},
    Reason{410, "Gone"},
    Reason{411, "Length Required"},
    Reason{412, "Precondition Failed"},
    Reason{413, "Content Too Large"},
    Reason{414, "URI Too Long"},
    Reason{415, "Unsupported Media Type"},
    Reason{416, "Range Not Satisfiable"},
    Reason{417, "Expectation Failed"},
    Reason{421, "Misdirected Request"},
    Reason{422, "Unprocessable Content"},
    Reason{423, "Locked"},
    Reason{424, "Failed Dependency"},
    Reason{425, "Too Early"},
    Reason{426, "Upgrade Required"},
    Reason{428, "Precondition Required"},
    Reason{429, "Too Many Requests"},
    Reason{431, "Request Header Fields Too Large"},
    Reason{451, "Unavailable For Legal Reasons"},
    Reason{499, "Client Closed Request"},
    Reason{500, "Internal Server Error"},
    Reason{501, "Not Implemented"},
    Reason{502, "Bad Gateway"},
    Reason{503, "Service Unavailable"},
    Reason{504, "Gateway Timeout"},
    Reason{505, "HTTP Version Not Supported"},
    Reason{506, "Variant Also Negotiates"},
    Reason{507, "Insufficient Storage"},
    Reason{508, "Loop Detected"},
    Reason{511, "Network Authentication Required"},
};
static_assert(std::ranges::is_sorted(kReasons, {}, &Reason::status));

}  // namespace

std::string_view reason_phrase(std::uint16_t status) noexcept {
  const auto it = std::ranges::lower_bound(kReasons, status, {}, &Reason::status);
  return it != kReasons.end() && it->status == status ? it->phrase : "Unknown";
}

Exchange Exchange::of(const RequestHead& head) noexcept {
  const MethodKind method = head.method == "HEAD"      ? MethodKind::head
                            : head.method == "CONNECT" ? MethodKind::connect
                                                       : MethodKind::other;
  return {head.version, method, head.persistence};
}

AnswerFraming decide_framing(const Exchange& exchange, std::uint16_t status,
                             std::optional<std::uint64_t> length, Persistence wanted) noexcept {
  AnswerFraming framing;
  framing.version = exchange.version;
  const bool close = wanted == Persistence::close || exchange.persistence == Persistence::close;
  framing.persistence = close ? Persistence::close : Persistence::keep_alive;
  const bool opens_tunnel = exchange.method == MethodKind::connect && status / 100 == 2;
  if (status == 204 || opens_tunnel) return framing;
  if (status == 205) length = 0;
  framing.content_length = length;
  if (exchange.method == MethodKind::head || status == 205 || status == 304) return framing;
  if (length) {
    framing.body = AnswerBody::length;
  } else if (exchange.version == Version::http11) {
    framing.body = AnswerBody::chunked;
  } else {
    framing.body = AnswerBody::until_close;
    framing.persistence = Persistence::close;
  }
  return framing;
}

}  // namespace brink::http
