// FileSpace::read_directory. Cookies: 0 stands before ".", 1 before "..", 2 + i
// before the i-th name of the tree; 2 + their number means the start of the host's
// entries, and with the top bit set the rest is the host's own position.

#include <dirent.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cstring>

#include "wasi/files/file_space.h"
#include "wasi/files/host_call.h"

namespace brink::wasi::files {
namespace {

constexpr std::uint64_t kHostCookie = std::uint64_t{1} << 63;
constexpr std::uint64_t kDots = 2;
constexpr std::size_t kBuffer = 8192;

/// The kernel's linux_dirent64, read with memcpy: records are aligned, the buffer
/// is bytes.
struct HostEntry {
  std::uint64_t ino;
  std::int64_t next;
  std::uint16_t length;
  std::uint8_t type;
  std::string_view name;
};
constexpr std::size_t kNameOffset = 19;

HostEntry parse_entry(const char* at) {
  HostEntry entry{};
  std::memcpy(&entry.ino, at, sizeof entry.ino);
  std::memcpy(&entry.next, at + 8, sizeof entry.next);
  std::memcpy(&entry.length, at + 16, sizeof entry.length);
  std::memcpy(&entry.type, at + 18, sizeof entry.type);
  entry.name = std::string_view(at + kNameOffset);
  return entry;
}

FileType entry_type(int directory, const HostEntry& entry) {
  if (entry.type != DT_UNKNOWN) return file_type(static_cast<mode_t>(DTTOIF(entry.type)));
  const auto host = stat_at(directory, entry.name.data());
  return host ? file_type(host->st_mode) : FileType::unknown;
}

bool is_shown(const HostEntry& entry, const Node* node) {
  if (entry.name == "." || entry.name == "..") return false;
  return node == nullptr || node->child(entry.name) == nullptr;
}

/// Hands over the host's entries from `position` on.
Outcome<void> list_host(int directory, std::uint64_t position, const Node* node,
                        DirectorySink& sink) {
  if (::lseek(directory, static_cast<std::int64_t>(position), SEEK_SET) < 0) {
    return host_failure();
  }
  alignas(8) std::array<char, kBuffer> buffer;
  for (;;) {
    const auto got = ::syscall(SYS_getdents64, directory, buffer.data(), buffer.size());
    if (got < 0) return host_failure();
    if (got == 0) return {};
    for (long at = 0; at < got;) {
      const HostEntry entry = parse_entry(buffer.data() + at);
      at += entry.length;
      if (!is_shown(entry, node)) continue;
      const DirectoryEntry shown{.next = kHostCookie | static_cast<std::uint64_t>(entry.next),
                                 .ino = entry.ino,
                                 .type = entry_type(directory, entry),
                                 .name = entry.name};
      if (sink.take(shown) == DirectorySink::Answer::stop) return {};
    }
  }
}

}  // namespace

Outcome<int> FileSpace::listing_of(Directory& directory) const {
  if (directory.descriptor_) return directory.descriptor_.get();
  if (!directory.listing_) {
    const int root = descriptor_of(directory);
    if (root < 0) return -1;
    directory.listing_ = UniqueFd(::openat(root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!directory.listing_) return host_failure();
  }
  return directory.listing_.get();
}

Outcome<void> FileSpace::read_directory(Directory& directory, std::uint64_t cookie,
                                        DirectorySink& sink) {
  const Node* node = directory.node_;
  const std::uint64_t known = node != nullptr ? node->children.size() : 0;
  if (cookie > kDots + known && cookie < kHostCookie) return refuse(Errno::inval);

  for (; cookie < kDots + known; ++cookie) {
    DirectoryEntry entry;
    entry.next = cookie + 1;
    entry.type = FileType::directory;
    if (cookie < kDots) {
      const auto self = stat(directory);
      if (!self) return refuse(self.error());
      // What is above is not for every guest to know; a number of 0 would cost it
      // a call that may fail.
      entry.ino = self->ino;
      entry.name = cookie == 0 ? "." : "..";
    } else {
      const Node& child = *node->children[cookie - kDots];
      const Filestat there = stat_of(child);
      entry.ino = there.ino;
      entry.type = there.type;
      entry.name = child.name;
    }
    if (sink.take(entry) == DirectorySink::Answer::stop) return {};
  }
  const auto host = listing_of(directory);
  if (!host) return refuse(host.error());
  if (*host < 0) return {};
  return list_host(*host, cookie >= kHostCookie ? cookie - kHostCookie : 0, node, sink);
}

}  // namespace brink::wasi::files
