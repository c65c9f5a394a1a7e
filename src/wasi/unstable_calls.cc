#include "wasi/call_support.h"
#include "wasi/calls.h"
#include "wasi/file_description.h"
#include "wasi/path_lookup.h"
#include "wasi/unstable_types.h"

namespace brink::wasi::calls {
namespace {

UnstableFilestat old_layout(const GuestFilestat& stat) {
  UnstableFilestat old{};
  old.device = stat.device;
  old.inode = stat.inode;
  old.type = stat.type;
  old.links = stat.links > UINT32_MAX ? UINT32_MAX : static_cast<u32>(stat.links);
  old.size = stat.size;
  old.accessed = stat.accessed;
  old.modified = stat.modified;
  old.changed = stat.changed;
  return old;
}

}  // namespace

Outcome<void> unstable_fd_seek(HostCall& call, u32 fd, u64 delta, u32 whence, u32 offset_out) {
  using enum OpenDescription::Whence;
  constexpr OpenDescription::Whence kWhence[] = {current, end, set};
  // One that does not exist is refused there.
  const u32 known = whence < std::size(kWhence) ? static_cast<u32>(kWhence[whence]) : whence;
  return fd_seek(call, fd, delta, known, offset_out);
}

Outcome<void> unstable_fd_filestat_get(HostCall& call, u32 fd, u32 stat_out) {
  TRY(const Descriptor* descriptor, lookup(Process::of(call), fd, right::fd_filestat_get));
  TRY(const GuestFilestat stat, descriptor->open->stat());
  return store(call, stat_out, old_layout(stat));
}

Outcome<void> unstable_path_filestat_get(HostCall& call, u32 fd, u32 lookup_flags, u32 path,
                                         u32 path_length, u32 stat_out) {
  TRY(const auto at, path_argument(call, fd, right::path_filestat_get, path, path_length));
  TRY(const files::Follow follow, follow_from(lookup_flags));
  TRY(const files::Filestat stat, Process::of(call).files()->stat(at.directory, at.path, follow));
  return store(call, stat_out, old_layout(to_guest(stat)));
}

}  // namespace brink::wasi::calls
