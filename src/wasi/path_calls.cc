#include <algorithm>
#include <cstring>

#include "wasi/calls.h"
#include "wasi/file_description.h"
#include "wasi/file_times.h"
#include "wasi/path_lookup.h"

namespace brink::wasi::calls {
namespace {

/// The guest's files. Whoever has a directory has them.
files::FileSpace& space(const HostCall& call) { return *Process::of(call).files(); }

Outcome<void> set_path_times(HostCall& call, u32 fd, u32 lookup_flags, u32 path, u32 path_length,
                             u64 accessed, u64 modified, u32 which) {
  TRY(const auto at, path_argument(call, fd, right::path_filestat_set_times, path, path_length));
  TRY(const auto follow, follow_from(lookup_flags));
  TRY(const auto times, checked_times(accessed, modified, which));
  return space(call).set_times(at.directory, at.path, follow, to_files(times));
}

Outcome<void> link_path(HostCall& call, u32 old_fd, u32 lookup_flags, u32 old_path, u32 old_length,
                        u32 new_fd, u32 new_path, u32 new_length) {
  TRY(const auto from, path_argument(call, old_fd, right::path_link_source, old_path, old_length));
  TRY(const auto to, path_argument(call, new_fd, right::path_link_target, new_path, new_length));
  TRY(const auto follow, follow_from(lookup_flags));
  return space(call).link(from.directory, from.path, follow, to.directory, to.path);
}

Outcome<void> rename_path(HostCall& call, u32 old_fd, u32 old_path, u32 old_length, u32 new_fd,
                          u32 new_path, u32 new_length) {
  TRY(const auto from,
      path_argument(call, old_fd, right::path_rename_source, old_path, old_length));
  TRY(const auto to, path_argument(call, new_fd, right::path_rename_target, new_path, new_length));
  return space(call).rename(from.directory, from.path, to.directory, to.path);
}

}  // namespace

Outcome<void> path_create_directory(HostCall& call, u32 fd, u32 path, u32 path_length) {
  TRY(const auto at, path_argument(call, fd, right::path_create_directory, path, path_length));
  return space(call).mkdir(at.directory, at.path);
}

Outcome<void> path_filestat_get(HostCall& call, u32 fd, u32 lookup_flags, u32 path, u32 path_length,
                                u32 stat_out) {
  TRY(const auto at, path_argument(call, fd, right::path_filestat_get, path, path_length));
  TRY(const auto follow, follow_from(lookup_flags));
  TRY(const files::Filestat stat, space(call).stat(at.directory, at.path, follow));
  return store(call, stat_out, to_guest(stat));
}

Attempt path_filestat_set_times(HostCall& call, u32 fd, u32 lookup_flags, u32 path, u32 path_length,
                                u64 accessed, u64 modified, u32 which) {
  return done_or_next_step(
      call, set_path_times(call, fd, lookup_flags, path, path_length, accessed, modified, which));
}

Attempt path_link(HostCall& call, u32 old_fd, u32 lookup_flags, u32 old_path, u32 old_length,
                  u32 new_fd, u32 new_path, u32 new_length) {
  return done_or_next_step(call, link_path(call, old_fd, lookup_flags, old_path, old_length, new_fd,
                                           new_path, new_length));
}

Outcome<void> path_readlink(HostCall& call, u32 fd, u32 path, u32 path_length, u32 buffer,
                            u32 length, u32 size_out) {
  TRY(const auto at, path_argument(call, fd, right::path_readlink, path, path_length));
  TRY(const std::string text, space(call).readlink(at.directory, at.path));
  // A short buffer gets the first part, as with readlink(2).
  const u32 size = std::min(length, static_cast<u32>(text.size()));
  const auto bytes = call.memory.bytes(buffer, size);
  if (!bytes) return failed(Errno::fault);
  std::memcpy(bytes->data(), text.data(), size);
  return store(call, size_out, size);
}

Outcome<void> path_remove_directory(HostCall& call, u32 fd, u32 path, u32 path_length) {
  TRY(const auto at, path_argument(call, fd, right::path_remove_directory, path, path_length));
  return space(call).rmdir(at.directory, at.path);
}

Attempt path_rename(HostCall& call, u32 old_fd, u32 old_path, u32 old_length, u32 new_fd,
                    u32 new_path, u32 new_length) {
  return done_or_next_step(
      call, rename_path(call, old_fd, old_path, old_length, new_fd, new_path, new_length));
}

Outcome<void> path_symlink(HostCall& call, u32 target, u32 target_length, u32 fd, u32 path,
                           u32 path_length) {
  TRY(const auto at, path_argument(call, fd, right::path_symlink, path, path_length));
  TRY(const std::string text, copy_string(call, target, target_length, kMaxPath));
  return space(call).symlink(text, at.directory, at.path);
}

Outcome<void> path_unlink_file(HostCall& call, u32 fd, u32 path, u32 path_length) {
  TRY(const auto at, path_argument(call, fd, right::path_unlink_file, path, path_length));
  return space(call).unlink(at.directory, at.path);
}

}  // namespace brink::wasi::calls
