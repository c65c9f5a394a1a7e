#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "ipc/boot_token.h"
#include "net/fd_passing.h"

namespace brink::ipc {

/// Raised when a message changes its meaning; both ends of a channel must agree.
inline constexpr std::uint32_t kProtocolVersion = 1;

/// The most descriptors that a message names; one more place is for its text, if long.
inline constexpr std::size_t kMaxDescriptors = net::kMaxPassedFds - 1;

enum class Role : std::uint8_t { worker, app, compiler };
std::string_view to_string(Role role) noexcept;

/// child → node, first on every channel.
struct Hello {
  std::uint32_t version = kProtocolVersion;
  Role role = Role::worker;
  std::uint32_t slot = 0;  ///< which worker slot or instance
  pid_t pid = 0;
  BootToken token;
  bool operator==(const Hello&) const = default;
};

/// node → child: all it needs to begin. The configuration is JSON that the role
/// itself decodes; `descriptors` names, in order, what arrives with the packet
/// ("listener/0", "artefact/<hash>", "directory/0", "file/0", "shared_page", "log"). The
/// channel checks that exactly as many came.
struct Start {
  std::string configuration;
  std::vector<std::string> descriptors;
  bool operator==(const Start&) const = default;
};

/// child → node: serving (worker), listening (app) or done with the job (compiler).
struct Ready {
  bool operator==(const Ready&) const = default;
};

/// node → child: take nothing new, finish what is there by `deadline`
/// (CLOCK_MONOTONIC is one clock for all processes of a machine), then Drained.
struct Drain {
  /// Whether another process serves what comes from now on. If so, idle client
  /// connections stay open for one more request each, so that no client finds one
  /// closed under its hands; if not, they are closed at once.
  enum class Successor : std::uint8_t { none, serves };
  MonotonicTime deadline;
  Successor successor = Successor::none;
  bool operator==(const Drain&) const = default;
};

/// child → node: nothing is left; `abandoned` requests were cut off at the deadline.
struct Drained {
  std::uint64_t abandoned = 0;
  bool operator==(const Drained&) const = default;
};

/// Either way: a planned end; what hangs up without it has died.
struct Bye {
  bool operator==(const Bye&) const = default;
};

/// child → node: it can't do its job, and why.
struct Failed {
  Error error;
  bool operator==(const Failed& other) const;
};

using Message = std::variant<Hello, Start, Ready, Drain, Drained, Bye, Failed>;

/// "hello", "start", …: the message's `kind` on the wire, for logs.
std::string_view kind(const Message& message) noexcept;

/// The message as one JSON object. Text that is not UTF-8 (a guest's bytes in an
/// error) is made so; nothing else is lost.
std::string encode(const Message& message);

/// Reads one JSON object strictly: an unknown kind, a missing or unknown key, a
/// wrong type and a number out of range are errors that name the key. Peers may
/// be compromised: no input crashes it, and nesting is bounded.
Result<Message> decode(std::string_view packet);

}  // namespace brink::ipc
