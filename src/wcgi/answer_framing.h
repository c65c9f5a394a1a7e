#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace brink::wcgi {

/// Whether the answer's body is sent at all.
enum class BodyRule : std::uint8_t { send, drop };

/// HEAD requests and the statuses 204, 205 and 304 have no body (RFC 9110,
/// sections 9.3.2, 15.3.5, 15.3.6 and 15.4.5): what the program prints is dropped.
BodyRule body_rule(std::string_view method, std::uint16_t status) noexcept;

/// Holds a program to the Content-Length it stated, since the client has been
/// told it: bytes beyond it are dropped (and counted), and bytes missing at the
/// end mean that the connection has to be cut, so that the client can tell.
class BodyGate {
 public:
  /// How the body ended.
  struct End {
    std::uint64_t missing = 0;  ///< the connection must be cut unless 0
    std::uint64_t dropped = 0;  ///< printed, but beyond the stated length
    [[nodiscard]] bool complete() const { return missing == 0; }
    bool operator==(const End&) const = default;
  };

  BodyGate(BodyRule rule, std::optional<std::uint64_t> content_length)
      : rule_(rule), content_length_(content_length) {}

  /// The part of `bytes`, always a prefix, that goes to the client.
  [[nodiscard]] std::string_view accept(std::string_view bytes);

  /// To be asked when the program has ended.
  [[nodiscard]] End finish() const;

  /// Whether nothing the program could still print would be sent.
  [[nodiscard]] bool is_shut() const {
    return rule_ == BodyRule::drop || (content_length_ && sent_ == *content_length_);
  }

  [[nodiscard]] std::uint64_t sent() const { return sent_; }

 private:
  BodyRule rule_;
  std::optional<std::uint64_t> content_length_;
  std::uint64_t sent_ = 0;
  std::uint64_t dropped_ = 0;
};

}  // namespace brink::wcgi
