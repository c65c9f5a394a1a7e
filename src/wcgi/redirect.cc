#include "wcgi/redirect.h"

#include <fmt/format.h>

#include "http/chars.h"
#include "wcgi/text.h"

namespace brink::wcgi {
namespace {

/// Fields about the body that the new request does not have.
bool describes_body(std::string_view name) {
  constexpr std::string_view kContent = "content-";
  return http::equals_ignoring_case(name.substr(0, kContent.size()), kContent) ||
         http::equals_ignoring_case(name, "transfer-encoding") ||
         http::equals_ignoring_case(name, "trailer") || http::equals_ignoring_case(name, "expect");
}

}  // namespace

Result<const http::RequestHead*> LocalRedirects::follow(const http::RequestHead& from,
                                                        std::string_view target) {
  if (!target.starts_with('/') || target.starts_with("//") || !http::all(http::kTarget, target)) {
    return fail(ErrorCode::guest_bad_answer,
                fmt::format("the local Location \"{}\" is no path", excerpt(target)),
                "start it with one '/', and percent-encode it");
  }
  if (count_ == kMost) {
    return fail(
        ErrorCode::guest_bad_answer,
        fmt::format("more than {} local redirects, the last one to \"{}\"", kMost, excerpt(target)),
        "print \"Status: 302 Found\" as well, to have the client redirected");
  }
  ++count_;
  http::RequestHead next = from;
  if (&from != &head_) {
    fields_.clear();
    for (const auto& field : from.fields) {
      if (!describes_body(field.name)) fields_.push_back(field);
    }
  }
  target_.assign(target);
  const auto question = target_.find('?');
  const std::string_view whole = target_;
  next.method = "GET";
  next.target = whole;
  next.path = whole.substr(0, question);
  next.has_query = question != std::string::npos;
  next.query = next.has_query ? whole.substr(question + 1) : std::string_view{};
  next.form = http::TargetForm::origin;
  next.scheme = {};
  next.framing = http::BodyFraming::none;
  next.content_length = 0;
  next.expects_continue = false;
  next.fields = fields_;
  head_ = next;
  return &head_;
}

}  // namespace brink::wcgi
