#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "http/field.h"
#include "http/limits.h"
#include "http/request.h"

namespace brink::http {

/// Collects the fields that decide how a request is framed, routed and followed
/// by another (RFC 9112 3.2, 6.3, 9.3; RFC 9110 10.1.1): every field line goes
/// through add(), finish() applies the rules that need all of them. Owns
/// nothing, keeps no views.
class MessageFraming {
 public:
  /// `index`: the line's place among the fields.
  [[nodiscard]] Result<void> add(const Field& field, std::uint32_t index);

  /// Fills framing, content_length, persistence and expects_continue of a head
  /// whose version is set. Checks the Host count, too.
  [[nodiscard]] Result<void> finish(const RequestLimits& limits, RequestHead& head) const;

  [[nodiscard]] bool has_host() const noexcept { return host_count_ != 0; }
  [[nodiscard]] std::uint32_t host_index() const noexcept { return host_index_; }

 private:
  [[nodiscard]] Result<void> add_host(std::uint32_t index);
  [[nodiscard]] Result<void> add_expect(std::string_view value);
  [[nodiscard]] Result<void> add_connection(std::string_view value);
  [[nodiscard]] Result<void> add_content_length(std::string_view value);
  [[nodiscard]] Result<void> add_transfer_encoding(std::string_view value);

  std::uint64_t content_length_ = 0;
  std::uint32_t host_index_ = 0;
  std::uint8_t host_count_ = 0;
  bool has_content_length_ = false;
  bool has_chunked_ = false;
  bool has_unknown_coding_ = false;  ///< another coding, then chunked
  bool wants_close_ = false;
  bool wants_keep_alive_ = false;
  bool wants_continue_ = false;
  bool has_unknown_expectation_ = false;
};

}  // namespace brink::http
