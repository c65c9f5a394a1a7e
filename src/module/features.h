#pragma once

#include <cstdint>
#include <string_view>

namespace brink::module {

/// What a module needs beyond the first version of WebAssembly, named after the
/// proposals that brought it.
enum class Feature : std::uint8_t {
  mvp,  ///< nothing: every engine has it
  sign_extension,
  saturating_float_to_int,
  bulk_memory,
  reference_types,
  multi_value,
  simd,
  relaxed_simd,
  threads,
  tail_calls,
  legacy_exceptions,  ///< try/catch/delegate/rethrow, which the engine refuses
  exceptions,         ///< try_table/throw/throw_ref
  function_references,
  garbage_collection,
  wide_arithmetic,
  memory64,
  multi_memory,
  custom_page_sizes,
};

inline constexpr int kFeatureCount = static_cast<int>(Feature::custom_page_sizes) + 1;

/// "relaxed SIMD": for messages and `explain`.
std::string_view name_of(Feature feature);

/// A set of features; a value.
class FeatureSet {
 public:
  constexpr void add(Feature feature) { bits_ |= bit(feature); }
  [[nodiscard]] constexpr bool has(Feature feature) const { return (bits_ & bit(feature)) != 0; }
  constexpr bool operator==(const FeatureSet&) const = default;

 private:
  static constexpr std::uint32_t bit(Feature feature) {
    return feature == Feature::mvp ? 0 : 1U << static_cast<unsigned>(feature);
  }
  std::uint32_t bits_ = 0;
};

}  // namespace brink::module
