#include <algorithm>
#include <cstring>
#include <span>

#include "wasi/call_support.h"
#include "wasi/calls.h"
#include "wasi/files/file_space.h"
#include "wasi/types.h"

namespace brink::wasi::calls {
namespace {

/// About how much one attempt packs before others get their turn.
constexpr u64 kSlice = 64 << 10;

/// Packs entries into the guest's buffer, without alignment or padding. The last
/// one is cut off where the buffer ends: a buffer that is not full is how guests
/// know the end of the directory.
class Packer final : public files::DirectorySink {
 public:
  Packer(std::span<std::byte> buffer, u64 used)
      : buffer_(buffer), used_(used), pause_at_(used + kSlice) {}

  Answer take(const files::DirectoryEntry& entry) override {
    if (full()) return Answer::stop;
    GuestDirent head{};
    head.next = entry.next;
    head.inode = entry.ino;
    head.name_length = static_cast<u32>(entry.name.size());
    head.type = entry.type;
    append(std::as_bytes(std::span(&head, 1)));
    append(std::as_bytes(std::span(entry.name)));
    paused_ = used_ >= pause_at_;
    return full() || paused_ ? Answer::stop : Answer::more;
  }

  [[nodiscard]] bool full() const { return used_ == buffer_.size(); }
  [[nodiscard]] bool paused() const { return paused_ && !full(); }
  [[nodiscard]] u64 used() const { return used_; }

 private:
  void append(std::span<const std::byte> bytes) {
    const u64 size = std::min<u64>(bytes.size(), buffer_.size() - used_);
    if (size == 0) return;
    std::memcpy(buffer_.data() + used_, bytes.data(), size);
    used_ += size;
  }

  std::span<std::byte> buffer_;
  u64 used_;
  u64 pause_at_;
  bool paused_ = false;
};

/// The cookie after the last of the whole entries that fill `packed`. They are in
/// the guest's memory, so they may have been changed; then the guest reads on
/// somewhere else in its directory.
u64 cookie_after(std::span<const std::byte> packed, u64 cookie) {
  while (packed.size() >= sizeof(GuestDirent)) {
    GuestDirent head;
    std::memcpy(&head, packed.data(), sizeof head);
    cookie = head.next;
    const u64 size = sizeof head + u64{head.name_length};
    if (size > packed.size()) break;
    packed = packed.subspan(size);
  }
  return cookie;
}

}  // namespace

Attempt fd_readdir(HostCall& call, u32 fd, u32 buffer, u32 length, u64 cookie, u32 size_out) {
  Process& process = Process::of(call);
  Descriptor* const descriptor = process.descriptors().find(fd);
  if (!descriptor) return done(Errno::badf);
  files::Directory* const directory = descriptor->open->directory();
  if (!directory) return done(Errno::notdir);
  if (!descriptor->base.covers(right::fd_readdir)) return done(Errno::badf);
  const auto bytes = call.memory.bytes(buffer, length);
  if (!bytes) return done(Errno::fault);
  if (call.progress != 0) cookie = cookie_after(bytes->first(call.progress), cookie);

  Packer packer(*bytes, call.progress);
  if (!packer.full()) {
    const auto read = process.files()->read_directory(*directory, cookie, packer);
    if (!read && call.progress == 0) return done(read.error());
  }
  call.progress = packer.used();
  if (packer.paused()) {
    call.wait.yield();
    return Attempt::again();
  }
  return done(store(call, size_out, static_cast<u32>(packer.used())));
}

}  // namespace brink::wasi::calls
