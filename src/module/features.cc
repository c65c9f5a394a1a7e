#include "module/features.h"

#include <array>
#include <cstddef>

namespace brink::module {

std::string_view name_of(Feature feature) {
  static constexpr std::array<std::string_view, kFeatureCount> kNames = {
      "WebAssembly 1.0",
      "sign extension",
      "saturating float to int",
      "bulk memory",
      "reference types",
      "multi-value",
      "SIMD",
      "relaxed SIMD",
      "threads",
      "tail calls",
      "legacy exceptions",
      "exceptions",
      "function references",
      "garbage collection",
      "wide arithmetic",
      "memory64",
      "multiple memories",
      "custom page sizes",
  };
  return kNames[static_cast<std::size_t>(feature)];
}

}  // namespace brink::module
