#include "wasi/call_support.h"

namespace brink::wasi {

Outcome<void> expect_room(const wasm::HostCall& call, std::uint32_t address, std::uint64_t length) {
  if (!call.memory.bytes(address, length)) return failed(Errno::fault);
  return {};
}

Outcome<std::string> copy_string(const wasm::HostCall& call, std::uint32_t address,
                                 std::uint32_t length, std::uint32_t limit) {
  const auto bytes = call.memory.bytes(address, length);
  if (!bytes) return failed(Errno::fault);
  if (length > limit) return failed(Errno::nametoolong);
  return std::string(reinterpret_cast<const char*>(bytes->data()), bytes->size());
}

Outcome<Descriptor*> lookup(Process& process, std::uint32_t fd, Rights needed) {
  Descriptor* const descriptor = process.descriptors().find(fd);
  if (!descriptor) return failed(Errno::badf);
  if (!descriptor->base.covers(needed)) return failed(Errno::badf);
  return descriptor;
}

}  // namespace brink::wasi
