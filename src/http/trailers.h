#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "http/field.h"
#include "http/limits.h"

namespace brink::http {

/// True for fields that must not arrive after the body (RFC 9110 6.5.1): those
/// that frame or route the message, authenticate, or say what the content is.
[[nodiscard]] bool is_forbidden_in_trailers(std::string_view name) noexcept;

/// The trailer section of a chunked body, collected and owned. Not thread-safe.
class Trailers {
 public:
  void clear() noexcept;

  /// Adds bytes of the section up to and including the empty line that ends
  /// it. Returns how many were used; ended() tells whether the end was reached.
  Result<std::size_t> take(std::string_view in, const RequestLimits& limits);

  [[nodiscard]] bool ended() const noexcept { return ended_; }

  /// Views into this object, valid until clear().
  [[nodiscard]] std::span<const Field> fields() const noexcept { return fields_; }

 private:
  Result<void> take_line(std::string_view line, const RequestLimits& limits);
  void bind();

  struct Slice {
    std::size_t name, name_size, value, value_size;
  };
  std::string text_;  ///< all bytes of the section
  std::size_t line_begin_ = 0;
  bool ended_ = false;
  std::vector<Slice> slices_;
  std::vector<Field> fields_;
};

}  // namespace brink::http
