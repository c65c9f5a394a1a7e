#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/units.h"
#include "net/egress.h"
#include "package/app_spec.h"
#include "package/limits.h"

namespace brink::package {

/// `scaling:`. Only programs that live longer than a request are scaled.
struct Scaling {
  std::uint64_t min_instances = 0;
  std::uint64_t max_instances = 4;
  std::uint64_t max_concurrency = 100;
  Duration idle_timeout = std::chrono::seconds(60);
  enum class Concurrency : std::uint8_t { many, single } concurrency = Concurrency::many;
};

/// One entry of `listen:`, a port of a stream app.
struct Listener {
  std::string name;
  enum class Protocol : std::uint8_t { tcp, udp, tls } protocol = Protocol::tcp;
  std::uint16_t port = 0;
  std::uint16_t target = 0;  ///< the port inside the program
  Duration idle_timeout = std::chrono::minutes(5);
  std::uint64_t max_connections = 1000;
  enum class ProxyProtocol : std::uint8_t { off, v1, v2 } proxy_protocol = ProxyProtocol::off;
};

/// An app.yaml (wasmer.io/App.v0 and brink's own keys), checked.
struct AppConfig {
  std::string file;  ///< as given, for messages
  std::string name;
  std::string package = ".";  ///< path, relative to the file's directory
  ModeChoice mode;
  std::vector<EnvironmentVariable> env;
  std::optional<std::vector<std::string>> cli_args;
  ErrorDetail error_detail = ErrorDetail::hidden;
  Scaling scaling;
  LimitOverrides limits;
  std::vector<Listener> listen;
  /// What it may reach; nothing given: public addresses.
  std::optional<net::EgressRules> egress;
  Executor executor = Executor::automatic;
  WcgiOptions wcgi;
  WasixOptions wasix;
  /// One line for each key that is understood but has no effect in `brink run`.
  std::vector<std::string> warnings;
};

/// Reads an app.yaml. Every key of App.v0 is known: it is applied, or it leaves a
/// warning, or it is refused where ignoring it would change what runs. All
/// errors are reported at once, as config_invalid, one line each.
Result<AppConfig> read_app_yaml(std::string_view text, std::string_view file);

}  // namespace brink::package
