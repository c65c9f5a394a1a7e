#include "launch/system_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "base/unique_fd.h"

namespace brink::launch {
namespace {

using wasi::files::content_of;
using wasi::files::ProvidedFile;

constexpr std::size_t kMostConfiguration = std::size_t{64} << 10;
constexpr std::size_t kMostHostName = 63;

constexpr std::string_view kServices =
    "ftp 21/tcp\n"
    "ssh 22/tcp\n"
    "smtp 25/tcp\n"
    "domain 53/tcp\n"
    "domain 53/udp\n"
    "http 80/tcp\n"
    "pop3 110/tcp\n"
    "ntp 123/udp\n"
    "imap2 143/tcp imap\n"
    "ldap 389/tcp\n"
    "https 443/tcp\n"
    "https 443/udp\n"
    "submission 587/tcp\n"
    "ldaps 636/tcp\n"
    "imaps 993/tcp\n"
    "mysql 3306/tcp\n"
    "postgresql 5432/tcp\n"
    "redis 6379/tcp\n";

/// Where systems keep the certificates of the authorities they trust.
constexpr std::array kCertificates = {"/etc/ssl/certs/ca-certificates.crt",
                                      "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem",
                                      "/etc/ssl/cert.pem"};
/// Where programs look for them.
constexpr std::array kGuestCertificates = {"/etc/ssl/certs/ca-certificates.crt",
                                           "/etc/ssl/cert.pem"};
/// The second is the real one where the first names a resolver on the loopback
/// interface.
constexpr std::array kResolvers = {"/etc/resolv.conf", "/run/systemd/resolve/resolv.conf"};

/// The first of `paths` that is a readable regular file; none if there is none.
UniqueFd open_first(std::span<const char* const> paths) {
  for (const char* path : paths) {
    UniqueFd file(::open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    struct stat status{};
    if (file && ::fstat(file.get(), &status) == 0 && S_ISREG(status.st_mode)) return file;
  }
  return {};
}

std::string read_start(const UniqueFd& file) {
  std::string text(kMostConfiguration, '\0');
  const auto got = file ? ::read(file.get(), text.data(), text.size()) : 0;
  text.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  return text;
}

bool is_host_name(std::string_view name) {
  return !name.empty() && name.size() <= kMostHostName && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
  });
}

std::string hosts(std::string_view name) {
  std::string text =
      "127.0.0.1 localhost\n"
      "::1 localhost ip6-localhost ip6-loopback\n";
  if (is_host_name(name) && name != "localhost") text.append("127.0.1.1 ").append(name) += '\n';
  return text;
}

bool is_loopback_server(std::string_view line) {
  constexpr std::string_view kKey = "nameserver";
  if (!line.starts_with(kKey)) return false;
  line.remove_prefix(kKey.size());
  line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
  return line.starts_with("127.") || line.starts_with("::1");
}

}  // namespace

std::string guest_resolv_conf(std::string_view host) {
  std::string text;
  while (!host.empty()) {
    const std::size_t length = std::min(host.find('\n'), host.size());
    const std::string_view line = host.substr(0, length);
    host.remove_prefix(std::min(length + 1, host.size()));
    const bool is_comment = line.empty() || line.starts_with('#') || line.starts_with(';');
    if (is_comment || is_loopback_server(line)) continue;
    text.append(line) += '\n';
  }
  return text;
}

Result<std::vector<ProvidedFile>> open_system_files(std::string_view name) {
  std::vector<ProvidedFile> files;
  const auto add_text = [&](std::string path, std::string_view text) -> Result<void> {
    TRY(UniqueFd content, content_of(text));
    files.push_back({std::move(path), std::move(content)});
    return {};
  };
  TRY_VOID(add_text("/etc/hosts", hosts(name)));
  TRY_VOID(add_text("/etc/services", kServices));
  for (const char* const& path : kResolvers) {
    const std::string text = guest_resolv_conf(read_start(open_first(std::span(&path, 1))));
    if (!text.contains("nameserver")) continue;
    TRY_VOID(add_text("/etc/resolv.conf", text));
    break;
  }
  constexpr std::array kLocalTime = {"/etc/localtime"};
  if (UniqueFd zone = open_first(kLocalTime)) {
    files.push_back({"/etc/localtime", std::move(zone)});
  }
  for (const char* path : kGuestCertificates) {
    if (UniqueFd bundle = open_first(kCertificates)) files.push_back({path, std::move(bundle)});
  }
  return files;
}

}  // namespace brink::launch
