#include "wasi/files/host_listing.h"

#include <dirent.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstring>

#include "wasi/files/host_call.h"

namespace brink::wasi::files {
namespace {

// The kernel's linux_dirent64, read with memcpy: records are aligned, the buffer
// is bytes.
constexpr std::size_t kNextOffset = 8;
constexpr std::size_t kLengthOffset = 16;
constexpr std::size_t kTypeOffset = 18;
constexpr std::size_t kNameOffset = 19;

FileType entry_type(int directory, std::uint8_t type, const char* name) {
  if (type != DT_UNKNOWN) return file_type(static_cast<mode_t>(DTTOIF(type)));
  const auto host = stat_at(directory, name);
  return host ? file_type(host->st_mode) : FileType::unknown;
}

}  // namespace

Outcome<void> HostListing::start(std::uint64_t position) {
  if (::lseek(directory_, static_cast<std::int64_t>(position), SEEK_SET) < 0) {
    return host_failure();
  }
  filled_ = at_ = 0;
  return {};
}

Outcome<bool> HostListing::next(HostEntry& entry) {
  for (;;) {
    if (at_ == filled_) {
      filled_ = ::syscall(SYS_getdents64, directory_, buffer_.data(), buffer_.size());
      at_ = 0;
      if (filled_ < 0) {
        filled_ = 0;
        return host_failure();
      }
      if (filled_ == 0) return false;
    }
    const char* record = buffer_.data() + at_;
    std::uint16_t length = 0;
    std::uint8_t type = 0;
    std::memcpy(&entry.ino, record, sizeof entry.ino);
    std::memcpy(&entry.next, record + kNextOffset, sizeof entry.next);
    std::memcpy(&length, record + kLengthOffset, sizeof length);
    std::memcpy(&type, record + kTypeOffset, sizeof type);
    at_ += length;
    entry.name = std::string_view(record + kNameOffset);
    if (entry.name == "." || entry.name == "..") continue;
    entry.type = entry_type(directory_, type, record + kNameOffset);
    return true;
  }
}

}  // namespace brink::wasi::files
