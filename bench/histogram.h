#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace brink::bench {

/// Counts of durations (ns) in buckets whose width grows with the value, so that
/// any percentile is exact to 1/64 (1.6 %) at constant size and cost. The idea
/// is that of HdrHistogram. One thread.
class Histogram {
 public:
  void add(std::uint64_t ns) noexcept {
    ++counts_[bucket(ns)];
    ++total_;
    if (ns > max_) max_ = ns;
  }

  [[nodiscard]] std::uint64_t total() const noexcept { return total_; }
  [[nodiscard]] std::uint64_t max() const noexcept { return max_; }

  /// The upper end of the bucket that holds the value at `fraction` (0 to 1) of
  /// all, never above max(); 0 when nothing was added.
  [[nodiscard]] std::uint64_t at(double fraction) const noexcept {
    const auto wanted = static_cast<std::uint64_t>(fraction * static_cast<double>(total_) + 0.5);
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      seen += counts_[i];
      if (seen > 0 && seen >= wanted) return std::min(upper_end(i), max_);
    }
    return max_;
  }

 private:
  static constexpr unsigned kSubBits = 6;
  static constexpr std::uint64_t kSub = 1u << kSubBits;

  // Values below kSub have a bucket each; above, every power of two has kSub.
  static std::size_t bucket(std::uint64_t ns) noexcept {
    if (ns < kSub) return ns;
    const unsigned shift = static_cast<unsigned>(std::bit_width(ns)) - 1 - kSubBits;
    return (static_cast<std::size_t>(shift) + 1) * kSub + ((ns >> shift) - kSub);
  }

  static std::uint64_t upper_end(std::size_t bucket) noexcept {
    if (bucket < kSub) return bucket;
    const std::size_t shift = bucket / kSub - 1;
    return ((bucket % kSub + kSub + 1) << shift) - 1;
  }

  std::array<std::uint64_t, (64 - kSubBits + 1) * kSub> counts_{};
  std::uint64_t total_ = 0;
  std::uint64_t max_ = 0;
};

}  // namespace brink::bench
