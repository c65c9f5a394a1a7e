#pragma once

#include <source_location>

namespace brink {

/// Ends the process with a message that names the place: an invariant of ours
/// does not hold, and going on could serve wrong bytes. Never for what peers,
/// guests, disks or users can cause (those are values of type Error).
[[noreturn]] void check_failed(
    const char* condition, std::source_location where = std::source_location::current()) noexcept;

}  // namespace brink

#define BRINK_CHECK(condition) \
  (__builtin_expect(static_cast<bool>(condition), 1) ? void() : ::brink::check_failed(#condition))
