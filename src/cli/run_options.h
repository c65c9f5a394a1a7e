#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "package/assemble.h"

namespace brink::cli {

/// An address to listen on. IPv6 addresses are written in brackets.
struct Endpoint {
  std::string host;        ///< an IPv4 or IPv6 address, without brackets
  std::uint16_t port = 0;  ///< 0: the system chooses
  bool operator==(const Endpoint&) const = default;
};
/// "127.0.0.1:8080", "[::1]:0".
Result<Endpoint> parse_endpoint(std::string_view text);
std::string to_string(const Endpoint& endpoint);

enum class AccessLog : std::uint8_t { off, on };
enum class Verbosity : std::uint8_t { normal, quiet };

/// `brink run PATH [-- ARGS]`.
struct RunOptions {
  package::RunRequest request;
  Endpoint listen{"127.0.0.1", 8080};
  std::optional<Endpoint> admin;  ///< metrics; none unless asked for
  unsigned workers = 1;
  AccessLog access_log = AccessLog::off;
  Verbosity verbosity = Verbosity::normal;
};

/// `brink --version`, `brink help`, `brink run --help`: print and end with 0.
struct ShowText {
  std::string text;
};

using Command = std::variant<RunOptions, ShowText>;

/// What the machine looks like to the parser.
struct Machine {
  unsigned cpus = 1;  ///< usable ones: the default number of workers
  ByteSize memory = 2_GiB;
};

/// Reads the arguments behind the program's name. A pure function: prints
/// nothing, ends nothing. Errors are of code `usage`.
Result<Command> parse_command_line(std::span<const std::string> arguments, const Machine& machine);

}  // namespace brink::cli
