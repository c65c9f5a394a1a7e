#include "wasi/call_support.h"
#include "wasi/calls.h"
#include "wasi/file_times.h"

namespace brink::wasi::calls {
namespace {

constexpr u32 kLastAdvice = 5;
constexpr u64 kMaxOffset = INT64_MAX;

Attempt sync(HostCall& call, u32 fd, Rights needed, OpenDescription::SyncKind kind) {
  const auto found = lookup(Process::of(call), fd, needed);
  if (!found) return done(found.error());
  OpenDescription& open = *(*found)->open;
  const Outcome<void> synced = open.sync(kind);
  if (synced || !open.stopped_for_disk()) return done(synced);
  open.add_wait(OpenDescription::Direction::write, call.wait);
  return Attempt::again();
}

}  // namespace

Outcome<void> fd_advise(HostCall& call, u32 fd, u64 offset, u64 length, u32 advice) {
  TRY(const Descriptor* descriptor, lookup(Process::of(call), fd, right::fd_advise));
  if (advice > kLastAdvice || offset > kMaxOffset || length > kMaxOffset - offset) {
    return failed(Errno::inval);
  }
  return descriptor->open->advise(offset, length, static_cast<std::uint8_t>(advice));
}

Outcome<void> fd_allocate(HostCall& call, u32 fd, u64 offset, u64 length) {
  TRY(const Descriptor* descriptor, lookup(Process::of(call), fd, right::fd_allocate));
  if (length == 0 || offset > kMaxOffset) return failed(Errno::inval);
  if (length > kMaxOffset - offset) return failed(Errno::fbig);
  return descriptor->open->allocate(offset, length);
}

Attempt fd_datasync(HostCall& call, u32 fd) {
  return sync(call, fd, right::fd_datasync, OpenDescription::SyncKind::data);
}

Attempt fd_sync(HostCall& call, u32 fd) {
  return sync(call, fd, right::fd_sync, OpenDescription::SyncKind::all);
}

Outcome<void> fd_filestat_get(HostCall& call, u32 fd, u32 stat_out) {
  TRY(const Descriptor* descriptor, lookup(Process::of(call), fd, right::fd_filestat_get));
  TRY(const GuestFilestat stat, descriptor->open->stat());
  return store(call, stat_out, stat);
}

Outcome<void> fd_filestat_set_size(HostCall& call, u32 fd, u64 size) {
  TRY(const Descriptor* descriptor, lookup(Process::of(call), fd, right::fd_filestat_set_size));
  if (size > kMaxOffset) return failed(Errno::inval);
  return descriptor->open->set_size(size);
}

Outcome<void> fd_filestat_set_times(HostCall& call, u32 fd, u64 accessed, u64 modified, u32 which) {
  TRY(const Descriptor* descriptor, lookup(Process::of(call), fd, right::fd_filestat_set_times));
  TRY(const OpenDescription::Times times, checked_times(accessed, modified, which));
  return descriptor->open->set_times(times);
}

}  // namespace brink::wasi::calls
