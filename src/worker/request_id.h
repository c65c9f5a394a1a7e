#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace brink::worker {

/// A request's name in headers and logs: 16 hexadecimal digits.
class RequestId {
 public:
  RequestId() = default;
  explicit RequestId(std::uint64_t number) {
    static constexpr std::string_view kDigits = "0123456789abcdef";
    for (std::size_t i = text_.size(); i-- > 0; number >>= 4) text_[i] = kDigits[number & 0xf];
  }
  [[nodiscard]] std::string_view text() const { return {text_.data(), text_.size()}; }

 private:
  std::array<char, 16> text_{};
};

/// Hands out ids that do not repeat within a worker and, being a bijection of a
/// counter that starts at random, hardly over all of them. No secrets.
class RequestIds {
 public:
  explicit RequestIds(std::uint64_t seed) : next_(seed) {}

  RequestId next() {
    // splitmix64's finalizer: neighbours look unrelated.
    std::uint64_t z = next_++;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return RequestId(z ^ (z >> 31));
  }

 private:
  std::uint64_t next_;
};

}  // namespace brink::worker
