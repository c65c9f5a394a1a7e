#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/units.h"
#include "http/request.h"
#include "wasi/string_block.h"
#include "wcgi/request_fields.h"

namespace brink::wcgi {

enum class Scheme : std::uint8_t { http, https };

/// The name of a scheme as in a URI: "http", "https".
std::string_view to_string(Scheme scheme) noexcept;

/// What the server itself knows about the connection a request came in on.
/// Addresses are text without brackets and port: "192.0.2.1", "2001:db8::1".
struct ConnectionInfo {
  std::string_view remote_addr;
  std::uint16_t remote_port = 0;
  std::string_view local_addr;
  std::uint16_t local_port = 0;
  Scheme scheme = Scheme::http;
};

/// How long the body is that the program can read, as far as it is known when
/// the program starts: never taken from a field (a chunked body has none).
class BodyLength {
 public:
  /// No body: CONTENT_LENGTH is unset.
  static constexpr BodyLength none() { return BodyLength(std::nullopt); }
  /// Exactly `bytes`, 0 included: the body is framed by a length, or was spooled.
  static constexpr BodyLength known(std::uint64_t bytes) { return BodyLength(bytes); }
  /// A body whose end is only known once read: CONTENT_LENGTH is unset, and the
  /// program reads to the end of its input. Only for apps that ask for it.
  static constexpr BodyLength streaming() { return BodyLength(std::nullopt); }

  [[nodiscard]] constexpr std::optional<std::uint64_t> bytes() const { return bytes_; }

 private:
  constexpr explicit BodyLength(std::optional<std::uint64_t> bytes) : bytes_(bytes) {}
  std::optional<std::uint64_t> bytes_;
};

/// What one version of an app contributes to the environment of its programs.
struct AppVariables {
  /// The package's and the app's own environment, in order; of two with one
  /// name the later counts. May pin DOCUMENT_ROOT, SCRIPT_FILENAME, SCRIPT_NAME
  /// and PATH_INFO. Names that state who the client or the server is are left
  /// out (see EnvironmentBuilder::ignored).
  std::vector<std::pair<std::string, std::string>> environment{};
  /// The path the app is mounted at, decoded: "/api", or "" for a whole host.
  std::string script_name{};
  /// A guest path; PATH_TRANSLATED is PATH_INFO below it.
  std::string document_root = "/app";
  /// A guest path; when empty, PATH_INFO below the document root.
  std::string script_filename{};
  std::string server_software = "brink";
  Credentials credentials = Credentials::withhold;
  /// Of all names and values with their separators, per request.
  ByteSize max_environment = ByteSize(std::uint64_t{256} << 10);
};

/// Builds the environment of RFC 3875, section 4.1, for one request after the
/// other; everything that is the same for all requests of an app version is
/// worked out once. Owns its data. One per thread: build() uses scratch memory
/// that is kept, so that it allocates nothing once warm.
///
/// No name appears twice and nothing of brink's own process environment gets in.
class EnvironmentBuilder {
 public:
  /// Errors: config_invalid for a name that is empty or has '=' or NUL, a value
  /// with NUL, a mount path that does not start with '/' or ends with one, or
  /// an environment over the limit before any request has added to it.
  static Result<EnvironmentBuilder> create(AppVariables app);

  /// Replaces the content of `out` by the environment for `request`; after an
  /// error `out` is unspecified. Errors: bad_request for a path that cannot be
  /// decoded (%00) and for differing Content-Type fields, headers_too_large
  /// over the limit, not_found for a path outside the mount.
  Result<void> build(const http::RequestHead& request, const ConnectionInfo& connection,
                     BodyLength body, wasi::StringBlock& out);

  /// Names of the app's environment that were left out because only the server
  /// may set them (REMOTE_*, SERVER_*, REQUEST_*, HTTP_*, CONTENT_*, …): worth a
  /// warning to the app's author.
  [[nodiscard]] const std::vector<std::string>& ignored() const { return ignored_; }

 private:
  EnvironmentBuilder() = default;

  Result<void> take_environment();
  void add_constants();
  Result<std::string_view> path_info(const http::RequestHead& request);
  void add_paths(std::string_view info, wasi::StringBlock& out);
  void add_request(const http::RequestHead& request, wasi::StringBlock& out) const;
  void add_connection(const http::RequestHead& request, const ConnectionInfo& connection,
                      wasi::StringBlock& out);

  using Variables = std::vector<std::pair<std::string, std::string>>;

  AppVariables app_;
  Variables constant_;  ///< the same for all requests, in their order
  std::vector<std::string> ignored_;
  std::optional<std::string> pinned_path_info_;
  bool script_filename_is_constant_ = false;
  RequestFields fields_;
  std::string path_scratch_;
  std::string value_scratch_;
};

/// The words of a query without an unencoded '=', to be used as arguments (RFC
/// 3875, section 4.4): separated by '+', each decoded. Nothing when the query
/// has a '=', is empty, or has a word that cannot be decoded. Off unless an app
/// asks for it: arguments of a client's choosing turned CGI programs into shells.
std::optional<std::vector<std::string>> search_words(std::string_view query);

}  // namespace brink::wcgi
