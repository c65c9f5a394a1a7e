#pragma once

#include <cstdint>
#include <string_view>

#include "wasi/files/types.h"

namespace brink::wasi {

/// The points in which programs for the WASI preview1 standard and programs for
/// WASIX want opposite answers from the same call. Chosen per module, never per
/// call: a module that imports anything from WASIX's modules, or a shared memory,
/// gets kWasix, every other one kStandard.
struct AbiProfile {
  std::string_view name;

  /// fd_close of a preopened directory. WASIX daemons close everything from 3
  /// upwards, while their libc goes on using number 3.
  enum class ClosePreopen : std::uint8_t { closes, keeps } close_preopen;

  /// fd_renumber: the standard moves, onto a number in use only (BADF
  /// otherwise); WASIX's dup2 is built on a copy, to any number.
  enum class Renumber : std::uint8_t { moves, copies } renumber;

  /// fd_renumber onto the number of a preopened directory.
  enum class RenumberOntoPreopen : std::uint8_t { replaces, refuses } renumber_onto_preopen;

  /// How paths are bounded: what to give the guest's FileSpace. The standard
  /// refuses absolute paths and links, WASIX's libc sends them relative to the
  /// preopened root.
  files::PathRules paths;

  /// The shortest time of poll_oneoff that is waited for at all: WASIX's libc makes a
  /// nanosecond of poll()'s "now".
  std::uint64_t least_timeout;

  /// Whether an accepted connection starts non-blocking if its listener is.
  enum class AcceptedNonblock : std::uint8_t { as_asked, inherited } accepted_nonblock;

  /// What accepting from an empty queue does on a blocking listener that was polled:
  /// libc loses SOCK_NONBLOCK, and event loops accept until AGAIN.
  enum class PolledListener : std::uint8_t { waits, says_again } polled_listener;

  /// Flags of sock_recv and sock_send beyond the standard's: a single call that
  /// does not wait (DONTWAIT), and a datagram's full length (TRUNC).
  enum class SocketFlags : std::uint8_t { standard, extended } socket_flags;

  /// The numbers of signals: preview1 has no 16 (STKFLT), so those from CHLD on
  /// are one lower than Linux's, which WASIX uses.
  enum class SignalNumbers : std::uint8_t { preview1, linux_ } signal_numbers;
};

inline constexpr AbiProfile kStandard{
    .name = "standard",
    .close_preopen = AbiProfile::ClosePreopen::closes,
    .renumber = AbiProfile::Renumber::moves,
    .renumber_onto_preopen = AbiProfile::RenumberOntoPreopen::replaces,
    .paths = files::PathRules::capability,
    .least_timeout = 1,
    .accepted_nonblock = AbiProfile::AcceptedNonblock::as_asked,
    .polled_listener = AbiProfile::PolledListener::waits,
    .socket_flags = AbiProfile::SocketFlags::standard,
    .signal_numbers = AbiProfile::SignalNumbers::preview1,
};

inline constexpr AbiProfile kWasix{
    .name = "wasix",
    .close_preopen = AbiProfile::ClosePreopen::keeps,
    .renumber = AbiProfile::Renumber::copies,
    .renumber_onto_preopen = AbiProfile::RenumberOntoPreopen::refuses,
    .paths = files::PathRules::rooted,
    .least_timeout = 2,
    .accepted_nonblock = AbiProfile::AcceptedNonblock::inherited,
    .polled_listener = AbiProfile::PolledListener::says_again,
    .socket_flags = AbiProfile::SocketFlags::extended,
    .signal_numbers = AbiProfile::SignalNumbers::linux_,
};

}  // namespace brink::wasi
