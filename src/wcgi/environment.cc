#include "wcgi/environment.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "http/chars.h"
#include "http/path_codec.h"
#include "wcgi/text.h"

namespace brink::wcgi {
namespace {

/// What states who the client, the server and the request are.
constexpr std::array<std::string_view, 6> kServerPrefixes = {"REMOTE_",  "SERVER_", "REQUEST_",
                                                             "CONTENT_", "HTTP_",   "__WCGI_"};
constexpr std::array<std::string_view, 5> kServerNames = {"HTTPS", "AUTH_TYPE", "GATEWAY_INTERFACE",
                                                          "QUERY_STRING", "PATH_TRANSLATED"};

bool only_the_server_sets(std::string_view name) {
  return std::ranges::any_of(kServerPrefixes,
                             [&](std::string_view prefix) { return name.starts_with(prefix); }) ||
         std::ranges::find(kServerNames, name) != kServerNames.end();
}

Result<void> check_variable(std::string_view name, std::string_view value) {
  constexpr std::string_view kNotInNames("=\0", 2);
  if (name.empty() || name.find_first_of(kNotInNames) != std::string_view::npos) {
    return fail(ErrorCode::config_invalid,
                fmt::format("\"{}\" is not a name of an environment variable", excerpt(name)),
                "use a name without '=' and NUL");
  }
  if (value.find('\0') != std::string_view::npos) {
    return fail(ErrorCode::config_invalid,
                fmt::format("the environment variable {} has a NUL in its value", excerpt(name)),
                "environment variables are text: encode binary data");
  }
  return {};
}

Result<void> check_mount(std::string_view mount) {
  if (mount.empty() || (mount.starts_with('/') && !mount.ends_with('/'))) return {};
  return fail(ErrorCode::config_invalid, fmt::format("\"{}\" is not a mount path", excerpt(mount)),
              "write it as /name, or leave it out for a whole host");
}

std::string_view decimal(std::uint64_t number, std::array<char, 20>& digits) {
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  return {digits.data(), end};
}

/// The scheme of an Authorization field; nothing when it is no token.
std::string_view auth_scheme(std::string_view authorization) {
  const auto scheme = authorization.substr(0, authorization.find(' '));
  return http::is_token(scheme) ? scheme : std::string_view{};
}

/// "+"-separated words are percent-decoded here and not by decode_path, which
/// keeps slashes encoded and resolves dot segments.
std::optional<std::string> decode_word(std::string_view word) {
  std::string decoded;
  for (std::size_t i = 0; i < word.size(); ++i) {
    if (word[i] != '%') {
      decoded.push_back(word[i]);
      continue;
    }
    if (word.size() - i < 3) return std::nullopt;
    const int high = http::hex_value(word[i + 1]);
    const int low = http::hex_value(word[i + 2]);
    const int byte = high * 16 + low;
    if (high < 0 || low < 0 || byte == 0) return std::nullopt;
    decoded.push_back(static_cast<char>(byte));
    i += 2;
  }
  return decoded;
}

}  // namespace

std::string_view to_string(Scheme scheme) noexcept {
  return scheme == Scheme::https ? "https" : "http";
}

Result<EnvironmentBuilder> EnvironmentBuilder::create(AppVariables app) {
  TRY_VOID(check_mount(app.script_name));
  EnvironmentBuilder builder;
  builder.app_ = std::move(app);
  TRY_VOID(builder.take_environment());
  builder.add_constants();
  std::uint64_t bytes = 0;
  for (const auto& [name, value] : builder.constant_) bytes += name.size() + value.size() + 2;
  if (bytes > builder.app_.max_environment.bytes()) {
    return fail(ErrorCode::config_invalid,
                fmt::format("the app's environment takes {} bytes, and {} are allowed", bytes,
                            builder.app_.max_environment.bytes()),
                "put large values in files of the package");
  }
  return builder;
}

Result<void> EnvironmentBuilder::take_environment() {
  for (auto& [name, value] : std::exchange(app_.environment, {})) {
    TRY_VOID(check_variable(name, value));
    if (only_the_server_sets(name)) {
      ignored_.push_back(name);
      continue;
    }
    if (name == "PATH_INFO") pinned_path_info_ = value;
    if (name == "DOCUMENT_ROOT") app_.document_root = value;
    if (name == "SCRIPT_FILENAME") script_filename_is_constant_ = true;
    const auto same = std::ranges::find(constant_, name, &Variables::value_type::first);
    if (same != constant_.end()) {
      same->second = std::move(value);
    } else {
      constant_.emplace_back(std::move(name), std::move(value));
    }
  }
  return {};
}

void EnvironmentBuilder::add_constants() {
  const auto add = [this](std::string_view name, std::string_view value) {
    const auto same = std::ranges::find(constant_, name, &Variables::value_type::first);
    if (same == constant_.end()) constant_.emplace_back(name, value);
  };
  add("GATEWAY_INTERFACE", "CGI/1.1");
  add("SERVER_SOFTWARE", app_.server_software);
  add("SCRIPT_NAME", app_.script_name);
  add("DOCUMENT_ROOT", app_.document_root);
  if (!app_.script_filename.empty()) {
    add("SCRIPT_FILENAME", app_.script_filename);
    script_filename_is_constant_ = true;
  }
  // Guest paths are joined to what starts with a slash.
  while (app_.document_root.ends_with('/')) app_.document_root.pop_back();
}

Result<void> EnvironmentBuilder::build(const http::RequestHead& request,
                                       const ConnectionInfo& connection, BodyLength body,
                                       wasi::StringBlock& out) {
  out.clear();
  for (const auto& [name, value] : constant_) out.add(name, value);
  TRY(const auto info, path_info(request));
  add_paths(info, out);
  add_request(request, out);
  add_connection(request, connection, out);
  std::array<char, 20> digits{};
  if (const auto length = body.bytes()) out.add("CONTENT_LENGTH", decimal(*length, digits));
  TRY(const auto summary, fields_.add_to(out, request.fields, app_.credentials));
  if (summary.content_type) out.add("CONTENT_TYPE", *summary.content_type);
  if (summary.authorization) {
    const auto scheme = auth_scheme(*summary.authorization);
    if (!scheme.empty()) out.add("AUTH_TYPE", scheme);
  }
  if (out.bytes().size() > app_.max_environment.bytes()) {
    return fail(ErrorCode::headers_too_large,
                fmt::format("the request makes an environment of more than {} bytes",
                            app_.max_environment.bytes()));
  }
  return {};
}

Result<std::string_view> EnvironmentBuilder::path_info(const http::RequestHead& request) {
  // "OPTIONS *" and CONNECT are about no path at all.
  if (!request.path.starts_with('/')) return std::string_view{};
  TRY(auto path, http::decode_path(request.path, path_scratch_));
  const std::string_view mount = app_.script_name;
  if (!path.starts_with(mount) || (path.size() > mount.size() && path[mount.size()] != '/')) {
    return fail(ErrorCode::not_found,
                fmt::format("the path is outside of {}, where the app is mounted", mount));
  }
  path.remove_prefix(mount.size());
  return path;
}

void EnvironmentBuilder::add_paths(std::string_view info, wasi::StringBlock& out) {
  const auto translate = [this](std::string_view path) -> std::string_view {
    return value_scratch_.assign(app_.document_root).append(path);
  };
  if (!script_filename_is_constant_) out.add("SCRIPT_FILENAME", translate(info));
  if (pinned_path_info_) {
    info = *pinned_path_info_;
  } else {
    out.add("PATH_INFO", info);
  }
  if (!info.empty()) out.add("PATH_TRANSLATED", translate(info));
}

void EnvironmentBuilder::add_request(const http::RequestHead& request,
                                     wasi::StringBlock& out) const {
  const std::array protocol = {'H', 'T', 'T', 'P',
                               '/', '1', '.', static_cast<char>('0' + request.minor_version)};
  out.add("SERVER_PROTOCOL", std::string_view(protocol.data(), protocol.size()));
  out.add("REQUEST_METHOD", request.method);
  out.add("QUERY_STRING", request.query);
  out.add("REQUEST_URI", request.target);
}

void EnvironmentBuilder::add_connection(const http::RequestHead& request,
                                        const ConnectionInfo& connection, wasi::StringBlock& out) {
  std::array<char, 20> digits{};
  out.add("REQUEST_SCHEME", to_string(connection.scheme));
  if (connection.scheme == Scheme::https) out.add("HTTPS", "on");
  out.add("REMOTE_ADDR", connection.remote_addr);
  out.add("REMOTE_PORT", decimal(connection.remote_port, digits));
  out.add("SERVER_PORT", decimal(connection.local_port, digits));
  if (!request.host.empty()) {
    out.add("SERVER_NAME", request.host);
  } else if (connection.local_addr.find(':') != std::string_view::npos) {
    value_scratch_.assign("[").append(connection.local_addr).append("]");
    out.add("SERVER_NAME", value_scratch_);
  } else {
    out.add("SERVER_NAME", connection.local_addr);
  }
}

std::optional<std::vector<std::string>> search_words(std::string_view query) {
  if (query.empty() || query.find('=') != std::string_view::npos) return std::nullopt;
  std::vector<std::string> words;
  for (std::size_t begin = 0; begin <= query.size();) {
    const auto end = std::min(query.find('+', begin), query.size());
    auto word = decode_word(query.substr(begin, end - begin));
    if (!word) return std::nullopt;
    words.push_back(std::move(*word));
    begin = end + 1;
  }
  return words;
}

}  // namespace brink::wcgi
