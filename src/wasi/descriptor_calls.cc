#include <cstring>

#include "wasi/call_support.h"
#include "wasi/calls.h"

namespace brink::wasi::calls {

Outcome<void> fd_close(HostCall& call, u32 fd) {
  Process& process = Process::of(call);
  return process.descriptors().close(fd, process.profile());
}

Outcome<void> fd_renumber(HostCall& call, u32 from, u32 to) {
  Process& process = Process::of(call);
  return process.descriptors().renumber(from, to, process.profile());
}

Outcome<void> fd_fdstat_get(HostCall& call, u32 fd, u32 stat_out) {
  TRY(const Descriptor* descriptor, lookup(Process::of(call), fd, Rights()));
  GuestFdstat stat{};
  stat.type = descriptor->open->type();
  stat.flags = descriptor->open->flags();
  stat.rights_base = descriptor->base.bits();
  stat.rights_inheriting = descriptor->inheriting.bits();
  return store(call, stat_out, stat);
}

Outcome<void> fd_fdstat_set_flags(HostCall& call, u32 fd, u32 flags) {
  TRY(const Descriptor* descriptor, lookup(Process::of(call), fd, right::fd_fdstat_set_flags));
  if ((flags & ~u32{fdflag::all}) != 0) return failed(Errno::inval);
  return descriptor->open->set_flags(static_cast<std::uint16_t>(flags));
}

Outcome<void> fd_fdstat_set_rights(HostCall& call, u32 fd, u64 base, u64 inheriting) {
  TRY(Descriptor * descriptor, lookup(Process::of(call), fd, Rights()));
  if (!descriptor->base.covers(Rights(base)) ||
      !descriptor->inheriting.covers(Rights(inheriting))) {
    return failed(Errno::notcapable);
  }
  descriptor->base = Rights(base);
  descriptor->inheriting = Rights(inheriting);
  return {};
}

Outcome<void> fd_prestat_get(HostCall& call, u32 fd, u32 prestat_out) {
  TRY(const Descriptor* descriptor, lookup(Process::of(call), fd, Rights()));
  // Guests count up from 3 until this; any other error makes their libc give up.
  if (!descriptor->preopen) return failed(Errno::badf);
  const GuestPrestat prestat{.tag = 0,
                             .name_length = static_cast<u32>(descriptor->preopen->size())};
  return store(call, prestat_out, prestat);
}

Outcome<void> fd_prestat_dir_name(HostCall& call, u32 fd, u32 name, u32 length) {
  TRY(const Descriptor* descriptor, lookup(Process::of(call), fd, Rights()));
  if (!descriptor->preopen) return failed(Errno::badf);
  const std::string_view text = *descriptor->preopen;
  if (length < text.size()) return failed(Errno::nametoolong);
  const auto bytes = call.memory.bytes(name, text.size());
  if (!bytes) return failed(Errno::fault);
  std::memcpy(bytes->data(), text.data(), text.size());
  return {};
}

}  // namespace brink::wasi::calls
