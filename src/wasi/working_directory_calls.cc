#include <cstring>
#include <utility>
#include <variant>

#include "wasi/call_support.h"
#include "wasi/calls.h"
#include "wasi/path_lookup.h"
#include "wasi/working_directory.h"

namespace brink::wasi {

Outcome<std::string> find_directory(Process& process, std::string_view from,
                                    std::string_view path) {
  files::FileSpace* const space = process.files();
  if (space == nullptr || space->tree().preopens().empty()) return failed(Errno::noent);
  if (path.empty()) return failed(Errno::noent);
  std::string whole(path);
  if (!path.starts_with('/')) whole = std::string(from) + "/" + whole;
  if (whole.size() > kMaxPath) return failed(Errno::nametoolong);
  const files::Directory root = space->preopen(0);
  TRY(const files::Opened opened, space->open(root, whole, {.read = true, .directory = true}));
  const auto* const directory = std::get_if<files::Directory>(&opened);
  if (directory == nullptr) return failed(Errno::notdir);
  return std::string(directory->path());
}

namespace calls {

Outcome<void> getcwd(HostCall& call, u32 buffer, u32 size_inout) {
  const std::string& path = Process::of(call).directory();
  TRY(const u32 room, load<u32>(call, size_inout));
  if (room < path.size() + 1) {
    TRY_VOID(store(call, size_inout, static_cast<u32>(path.size() + 1)));
    return failed(Errno::range);
  }
  const auto bytes = call.memory.bytes(buffer, room);
  if (!bytes) return failed(Errno::fault);
  std::memcpy(bytes->data(), path.data(), path.size());
  std::memset(bytes->data() + path.size(), 0, bytes->size() - path.size());
  return store(call, size_inout, static_cast<u32>(path.size()));
}

Outcome<void> chdir(HostCall& call, u32 path, u32 path_length) {
  Process& process = Process::of(call);
  TRY(const std::string name, copy_string(call, path, path_length, kMaxPath));
  TRY(std::string found, find_directory(process, process.directory(), name));
  process.set_directory(std::move(found));
  return {};
}

}  // namespace calls
}  // namespace brink::wasi
