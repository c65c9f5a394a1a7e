#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/egress.h"
#include "package/limits.h"

namespace brink::package {

/// How a program is served. Only the modes that this version executes appear in
/// an AppSpec; assemble() refuses the others.
enum class Mode : std::uint8_t {
  wcgi,     ///< one fresh instance per request, CGI on its standard streams
  proxy,    ///< a long-lived HTTP server
  stream,   ///< a long-lived program on TCP or UDP ports
  command,  ///< run once with the terminal's streams
};
std::string_view to_string(Mode mode) noexcept;

/// A mode, or nothing where it follows from the program ("auto").
using ModeChoice = std::optional<Mode>;
/// The word as in `mode:` and `--mode`; nothing when it is none.
std::optional<ModeChoice> parse_mode(std::string_view word) noexcept;

/// How request and answer cross standard input and output.
enum class Dialect : std::uint8_t {
  rfc3875,  ///< CGI/1.1
  json,     ///< "wcgi": heads as JSON, request head in __WCGI_REQUEST_JSON_V1
};

/// Where instances run: in a worker, or as a process of their own.
enum class Executor : std::uint8_t { automatic, worker, process };

enum class Access : std::uint8_t { read_only, read_write };

enum class ErrorDetail : std::uint8_t {
  hidden,  ///< error pages name the kind of failure only
  shown,   ///< and the trap, its backtrace and the program's last stderr lines
};

/// `wcgi:` in app.yaml: how requests reach the program.
struct WcgiOptions {
  /// A body of unknown length: kept until it is whole, so that CONTENT_LENGTH is
  /// right, or handed on as it comes, without CONTENT_LENGTH.
  enum class RequestBody : std::uint8_t { spool, stream } request_body = RequestBody::spool;
  /// Whether the program sees the client's credentials as HTTP_AUTHORIZATION.
  enum class Authorization : std::uint8_t {
    withhold,
    pass
  } authorization = Authorization::withhold;
  /// Whether a query without '=' becomes arguments (RFC 3875, section 4.4).
  enum class QueryArguments : std::uint8_t { off, on } query_arguments = QueryArguments::off;
  bool operator==(const WcgiOptions&) const = default;
};

/// `wasix:` in app.yaml.
struct WasixOptions {
  /// The byte order of ports in addresses that the program gets.
  enum class PortOrder : std::uint8_t {
    little_endian,
    big_endian
  } port_order = PortOrder::little_endian;
  bool operator==(const WasixOptions&) const = default;
};

struct EnvironmentVariable {
  std::string name;   ///< not empty, without '='
  std::string value;  ///< neither has a NUL character
  bool operator==(const EnvironmentVariable&) const = default;
};

/// Puts a variable at the end, or replaces the value of one that is there.
void set_variable(std::vector<EnvironmentVariable>& environment, EnvironmentVariable variable);

/// A host directory that the program sees.
struct Directory {
  std::filesystem::path host;  ///< absolute, links resolved; existed when assembled
  std::string guest;           ///< absolute and normal: "/", "/data"
  /// read_only: the program may still write there, into its scratch layer, which
  /// vanishes with the instance. read_write: it changes the host's files.
  Access access = Access::read_only;
  enum class Origin : std::uint8_t { package, mount } origin = Origin::mount;
  /// Under which the program finds it opened at its start: as it was written, for
  /// programs compare it with what they are given as an argument.
  std::string name = guest;
  bool operator==(const Directory&) const = default;
};

/// Whether the program's root directory is open at its start.
enum class Root : std::uint8_t { opened, only_when_mounted };

/// One program, completely described and checked: what every later part works
/// from. A plain value, made by assemble() and never changed afterwards.
struct AppSpec {
  std::string name;  ///< of the app: app.yaml's, else the command's or the file's
  Mode mode = Mode::wcgi;
  std::string reason;                  ///< why this mode: `wasmer.toml says runner = "wcgi"`
  std::filesystem::path module;        ///< absolute path of the .wasm file
  std::vector<std::string> arguments;  ///< argv, the program's own name first
  std::vector<EnvironmentVariable> environment;  ///< in order, no name twice
  std::string working_directory = "/";           ///< absolute guest path
  Dialect dialect = Dialect::rfc3875;
  std::vector<Directory> directories;  ///< later ones lie over earlier ones
  Root root = Root::opened;
  Limits limits;
  Executor executor = Executor::automatic;
  WcgiOptions wcgi;
  WasixOptions wasix;
  ErrorDetail error_detail = ErrorDetail::hidden;
  net::EgressRules egress = net::EgressRules::public_only();
  std::vector<std::string> warnings;  ///< one line each, for the operator
};

}  // namespace brink::package
