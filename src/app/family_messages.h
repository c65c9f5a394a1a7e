#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "base/result.h"
#include "wasi/errno.h"
#include "wasi/family.h"
#include "wasi/portable.h"

namespace brink::app {

/// What a guest process says to the init of its family, and its answers. Guest
/// processes may be taken over by their guests: decoding is strict and bounded.

/// A child is about to be forked. Comes with init's end of the child's channel.
/// Answered with its number.
struct ForkBegin {};

/// The child exists as this process of the host; 0: it could not be made. Not
/// answered.
struct Forked {
  std::uint32_t pid = 0;
  std::uint32_t host_pid = 0;
};

/// A program to be run in a fresh process: as a child, or in the sender's place.
/// Comes with the kernel descriptors of `table`. Answered with its number.
struct Launch {
  enum class As : std::uint8_t { child, replacement } as = As::child;
  std::uint32_t command = 0;         ///< index in the family's list
  std::optional<std::uint32_t> pid;  ///< of a reserved child
  std::vector<std::string> arguments;
  std::vector<std::string> environment;  ///< "NAME=value"
  std::string working_directory;
  std::vector<wasi::SignalDisposition> dispositions;
  wasi::PortableTable table;
};

/// A number for a child without a process. Answered with it.
struct Reserve {};
/// A reserved child has ended. Not answered.
struct EndReserved {
  std::uint32_t pid = 0;
  wasi::ProcessExit exit{};
};

/// Takes note of an ended child. Answered at once: with the child, with AGAIN while
/// there is one that runs, or with CHILD.
struct Reap {
  std::optional<std::uint32_t> pid;
};

struct Kill {
  std::uint32_t pid = 0;  ///< 0: all of the family
  std::uint32_t signal = 0;
};

/// The fresh process runs its program, or cannot. Not answered.
struct Started {
  std::optional<Error> failure;
};

/// The sender's program has ended. Not answered; the sender ends now.
struct Ended {
  wasi::ProcessExit exit{};
};

using FamilyRequest =
    std::variant<ForkBegin, Forked, Launch, Reserve, EndReserved, Reap, Kill, Started, Ended>;

/// init's answer: an error number, or a number and what goes with it.
struct FamilyReply {
  wasi::Errno error = wasi::Errno::success;
  std::uint32_t pid = 0;
  std::uint32_t slot = 0;  ///< of the process in FamilyPage, for ForkBegin
  wasi::ProcessExit exit{};
};

/// Arguments and environment of a program, together: bytes. More is 2BIG.
inline constexpr std::size_t kMostStrings = 256 << 10;
inline constexpr std::size_t kMostListed = 4096;  ///< strings in one list

std::vector<std::byte> encode(const FamilyRequest& request);
std::vector<std::byte> encode(const FamilyReply& reply);
Result<FamilyRequest> decode_family_request(std::span<const std::byte> bytes);
Result<FamilyReply> decode_family_reply(std::span<const std::byte> bytes);

}  // namespace brink::app
