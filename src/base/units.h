#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace brink {

/// An amount of memory or data. Construct from literals: 64_MiB.
class ByteSize {
 public:
  constexpr ByteSize() = default;
  constexpr explicit ByteSize(std::uint64_t bytes) : bytes_(bytes) {}
  [[nodiscard]] constexpr std::uint64_t bytes() const { return bytes_; }
  constexpr auto operator<=>(const ByteSize&) const = default;

 private:
  std::uint64_t bytes_ = 0;
};

inline namespace literals {
constexpr ByteSize operator""_B(unsigned long long n) { return ByteSize(n); }
constexpr ByteSize operator""_KiB(unsigned long long n) { return ByteSize(n << 10); }
constexpr ByteSize operator""_MiB(unsigned long long n) { return ByteSize(n << 20); }
constexpr ByteSize operator""_GiB(unsigned long long n) { return ByteSize(n << 30); }
}  // namespace literals

/// "128MiB", "1.5 GB", "4096": a number and B, KB, MB, GB, TB (powers of 1000),
/// KiB, MiB, GiB, TiB (of 1024) in any case, as in app.yaml.
Result<ByteSize> parse_byte_size(std::string_view text);

/// The shortest exact form that parse_byte_size reads back: "128MiB".
std::string to_string(ByteSize size);

using Duration = std::chrono::nanoseconds;

/// "30s", "250ms", "5m", "1h", "7d": one unsigned integer and one unit
/// (ms, s, m, h, d in either case), as in app.yaml.
Result<Duration> parse_duration(std::string_view text);

/// The shortest exact form that parse_duration reads back: "90s"; durations
/// below a millisecond print in "us" or "ns".
std::string to_string(Duration duration);

}  // namespace brink
