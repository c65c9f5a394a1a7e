#include "wasi/call_support.h"
#include "wasi/calls.h"
#include "wasi/transfer.h"

namespace brink::wasi::calls {
namespace {

using Direction = OpenDescription::Direction;

/// As lookup(), with ESPIPE for streams, of which nobody can ever have the right.
Outcome<Descriptor*> lookup_seekable(Process& process, u32 fd, Rights needed) {
  Descriptor* const descriptor = process.descriptors().find(fd);
  if (!descriptor) return failed(Errno::badf);
  if (descriptor->base.covers(needed)) return descriptor;
  const FileType type = descriptor->open->type();
  const bool seekable = type == FileType::regular_file || type == FileType::directory;
  return failed(seekable ? Errno::badf : Errno::spipe);
}

constexpr u64 kMaxOffset = INT64_MAX;

}  // namespace

Attempt fd_read(HostCall& call, u32 fd, u32 iovecs, u32 count, u32 size_out) {
  const auto found = lookup(Process::of(call), fd, right::fd_read);
  if (!found) return done(found.error());
  OpenDescription& open = *(*found)->open;
  return transfer<std::byte>(call, open, {Direction::read}, iovecs, count, size_out,
                             [&](auto window) { return open.read(window); });
}

Attempt fd_write(HostCall& call, u32 fd, u32 iovecs, u32 count, u32 size_out) {
  const auto found = lookup(Process::of(call), fd, right::fd_write);
  if (!found) return done(found.error());
  OpenDescription& open = *(*found)->open;
  return transfer<const std::byte>(call, open, {Direction::write}, iovecs, count, size_out,
                                   [&](auto window) { return open.write(window); });
}

Attempt fd_pread(HostCall& call, u32 fd, u32 iovecs, u32 count, u64 offset, u32 size_out) {
  const auto found = lookup_seekable(Process::of(call), fd, right::fd_read | right::fd_seek);
  if (!found) return done(found.error());
  if (offset > kMaxOffset - UINT32_MAX) return done(Errno::inval);
  OpenDescription& open = *(*found)->open;
  return transfer<std::byte>(
      call, open, {Direction::read}, iovecs, count, size_out,
      [&](auto window) { return open.read_at(window, offset + call.progress); });
}

Attempt fd_pwrite(HostCall& call, u32 fd, u32 iovecs, u32 count, u64 offset, u32 size_out) {
  const auto found = lookup_seekable(Process::of(call), fd, right::fd_write | right::fd_seek);
  if (!found) return done(found.error());
  if (offset > kMaxOffset - UINT32_MAX) return done(Errno::inval);
  OpenDescription& open = *(*found)->open;
  return transfer<const std::byte>(
      call, open, {Direction::write}, iovecs, count, size_out,
      [&](auto window) { return open.write_at(window, offset + call.progress); });
}

Outcome<void> fd_seek(HostCall& call, u32 fd, u64 delta, u32 whence, u32 offset_out) {
  using Whence = OpenDescription::Whence;
  const bool tells = delta == 0 && whence == static_cast<u32>(Whence::current);
  TRY(const Descriptor* descriptor,
      lookup_seekable(Process::of(call), fd, tells ? right::fd_tell : right::fd_seek));
  if (whence > static_cast<u32>(Whence::end)) return failed(Errno::inval);
  TRY_VOID(expect_room(call, offset_out, sizeof(u64)));
  TRY(const u64 offset,
      descriptor->open->seek(static_cast<std::int64_t>(delta), static_cast<Whence>(whence)));
  return store(call, offset_out, offset);
}

Outcome<void> fd_tell(HostCall& call, u32 fd, u32 offset_out) {
  TRY(const Descriptor* descriptor, lookup_seekable(Process::of(call), fd, right::fd_tell));
  TRY(const u64 offset, descriptor->open->seek(0, OpenDescription::Whence::current));
  return store(call, offset_out, offset);
}

}  // namespace brink::wasi::calls
