#include "wasi/path_lookup.h"

namespace brink::wasi {

Outcome<PathArgument> path_argument(const wasm::HostCall& call, std::uint32_t fd, Rights needed,
                                    std::uint32_t path, std::uint32_t length) {
  Process& process = Process::of(call);
  Descriptor* const descriptor = process.descriptors().find(fd);
  if (!descriptor) return failed(Errno::badf);
  files::Directory* const directory = descriptor->open->directory();
  if (!directory) return failed(Errno::notdir);
  if (!descriptor->base.covers(needed)) return failed(Errno::perm);
  TRY(std::string copy, copy_string(call, path, length, kMaxPath));
  return PathArgument{descriptor, *directory, std::move(copy)};
}

Outcome<files::Follow> follow_from(std::uint32_t lookup_flags) {
  if ((lookup_flags & ~kLookupFollow) != 0) return failed(Errno::inval);
  return lookup_flags != 0 ? files::Follow::yes : files::Follow::no;
}

}  // namespace brink::wasi
