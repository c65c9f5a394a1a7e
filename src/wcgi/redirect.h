#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "http/request.h"

namespace brink::wcgi {

/// Follows local redirects (RFC 3875, section 6.2.2): makes the request that the
/// server would have got, had the client asked for the new path itself.
///
/// The new request is a GET without a body: fields that describe the old body
/// are gone, all others stay. Its views point into this object and into the
/// client's request, which must outlive it. The path is the whole one, mount
/// prefix included, so it may lead to another app of the same host.
class LocalRedirects {
 public:
  static constexpr std::size_t kMost = 10;  ///< redirects per client request

  /// The request to run instead of `from`, which may be the one returned
  /// before. Valid up to the next call. Errors: guest_bad_answer after kMost
  /// redirects, or for a target that does not start with a single '/'.
  Result<const http::RequestHead*> follow(const http::RequestHead& from, std::string_view target);

  [[nodiscard]] std::size_t count() const { return count_; }
  void reset() { count_ = 0; }

 private:
  std::string target_;
  std::vector<http::Field> fields_;
  http::RequestHead head_;
  std::size_t count_ = 0;
};

}  // namespace brink::wcgi
