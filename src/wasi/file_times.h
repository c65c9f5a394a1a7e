#pragma once

#include <cstdint>

#include "wasi/errno.h"
#include "wasi/open_description.h"

namespace brink::wasi {

/// The arguments of a *_set_times call, checked: INVAL for unknown bits, and for
/// a time that is to be both given and now.
inline Outcome<OpenDescription::Times> checked_times(std::uint64_t accessed, std::uint64_t modified,
                                                     std::uint32_t which) {
  constexpr std::uint32_t kBothAccessed = fstflag::atim | fstflag::atim_now;
  constexpr std::uint32_t kBothModified = fstflag::mtim | fstflag::mtim_now;
  if ((which & ~std::uint32_t{fstflag::all}) != 0 || (which & kBothAccessed) == kBothAccessed ||
      (which & kBothModified) == kBothModified) {
    return std::unexpected(Errno::inval);
  }
  return OpenDescription::Times{accessed, modified, static_cast<std::uint16_t>(which)};
}

}  // namespace brink::wasi
