#include "wasi/unix_names.h"

#include <fcntl.h>
#include <sys/un.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "wasi/files/file_space.h"
#include "wasi/path_lookup.h"

namespace brink::wasi {
namespace {

/// NAMETOOLONG for what does not fit.
Outcome<KernelAddress> local_address(std::string_view path, UniqueFd held = {}) {
  sockaddr_un un{};
  if (path.size() >= sizeof un.sun_path) return failed(Errno::nametoolong);
  un.sun_family = AF_UNIX;
  std::memcpy(un.sun_path, path.data(), path.size());
  KernelAddress address{.held = std::move(held)};
  // An abstract name is what its length says; a path ends at its NUL.
  const bool abstract = path.starts_with('\0');
  address.size =
      static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + (abstract ? 0 : 1));
  std::memcpy(&address.bytes, &un, sizeof un);
  return address;
}

Outcome<KernelAddress> abstract_address(const Network& network, const UnixName& name) {
  std::string path(1, '\0');
  path += network.abstract_prefix();
  return local_address(path + name.name);
}

std::string descriptor_path(int fd) { return "/proc/self/fd/" + std::to_string(fd); }

struct NamedPlace {
  files::FileSpace& space;
  files::Directory root;
  std::string path;
};

Outcome<NamedPlace> place_of(Process& process, const std::string& name) {
  files::FileSpace* const space = process.files();
  if (space == nullptr || space->tree().preopens().empty()) return failed(Errno::noent);
  std::string path = name.starts_with('/') ? name : process.directory() + "/" + name;
  if (path.size() > kMaxPath) return failed(Errno::nametoolong);
  return NamedPlace{*space, space->preopen(0), std::move(path)};
}

Outcome<void> bind_in(Socket& socket, const UnixName& name, int directory,
                      const std::string& last) {
  if (last.size() > kMaxSocketName) return failed(Errno::nametoolong);
  TRY(const KernelAddress address, local_address(descriptor_path(directory) + "/" + last));
  return socket.bind_unix(name, address);
}

Outcome<void> bind_to_path(Process& process, Socket& socket, const UnixName& name) {
  TRY(const NamedPlace place, place_of(process, name.name));
  std::optional<Errno> refused;
  const auto make = [&](int directory, const std::string& last) {
    const auto bound = bind_in(socket, name, directory, last);
    if (bound) return 0;
    refused = bound.error();
    errno = EIO;  // `refused` says more
    return -1;
  };
  const auto made = place.space.make_socket(place.root, place.path, make);
  if (made) return {};
  if (refused) return failed(*refused);
  return failed(made.error() == Errno::exist ? Errno::addrinuse : made.error());
}

}  // namespace

Outcome<void> bind_unix(Process& process, Socket& socket, const UnixName& name) {
  const Network* const network = process.network();
  if (network == nullptr) return failed(Errno::acces);
  if (name.kind == UnixName::Kind::unnamed) return failed(Errno::inval);
  if (name.kind == UnixName::Kind::path) return bind_to_path(process, socket, name);
  TRY(const KernelAddress address, abstract_address(*network, name));
  return socket.bind_unix(name, address);
}

Outcome<KernelAddress> kernel_address(Process& process, const UnixName& name) {
  const Network* const network = process.network();
  if (network == nullptr) return failed(Errno::acces);
  if (name.kind == UnixName::Kind::unnamed) return failed(Errno::destaddrreq);
  if (name.kind == UnixName::Kind::abstract) return abstract_address(*network, name);
  TRY(const NamedPlace place, place_of(process, name.name));
  auto found = place.space.find_socket(place.root, place.path);
  if (!found) {
    return failed(found.error() == Errno::notsock ? Errno::connrefused : found.error());
  }
  // The socket itself, by whatever name: nothing to be exchanged on the way.
  UniqueFd socket(
      ::openat(found->directory.get(), found->name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
  if (!socket) return failed(from_host(errno));
  const std::string path = descriptor_path(socket.get());
  return local_address(path, std::move(socket));
}

}  // namespace brink::wasi
