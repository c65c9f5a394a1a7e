#include <cstring>

#include "wasi/call_support.h"
#include "wasi/calls.h"

namespace brink::wasi::calls {
namespace {

Outcome<void> sizes(HostCall& call, const StringBlock& block, u32 count_out, u32 size_out) {
  TRY_VOID(expect_room(call, count_out, sizeof(u32)));
  TRY_VOID(store(call, size_out, static_cast<u32>(block.bytes().size())));
  return store(call, count_out, block.count());
}

/// Writes the strings at `bytes` and their addresses at `pointers`.
Outcome<void> copy_out(HostCall& call, const StringBlock& block, u32 pointers, u32 bytes) {
  const std::string_view text = block.bytes();
  const auto pointer_bytes = call.memory.bytes(pointers, u64{block.count()} * sizeof(u32));
  const auto text_bytes = call.memory.bytes(bytes, text.size());
  if (!pointer_bytes || !text_bytes) return failed(Errno::fault);
  std::memcpy(text_bytes->data(), text.data(), text.size());
  std::byte* pointer = pointer_bytes->data();
  for (std::size_t start = 0; start < text.size(); start = text.find('\0', start) + 1) {
    const u32 address = bytes + static_cast<u32>(start);
    std::memcpy(pointer, &address, sizeof address);
    pointer += sizeof address;
  }
  return {};
}

}  // namespace

Outcome<void> args_sizes_get(HostCall& call, u32 count_out, u32 size_out) {
  return sizes(call, Process::of(call).args(), count_out, size_out);
}

Outcome<void> args_get(HostCall& call, u32 argv, u32 bytes) {
  return copy_out(call, Process::of(call).args(), argv, bytes);
}

Outcome<void> environ_sizes_get(HostCall& call, u32 count_out, u32 size_out) {
  return sizes(call, Process::of(call).environ(), count_out, size_out);
}

Outcome<void> environ_get(HostCall& call, u32 environ, u32 bytes) {
  return copy_out(call, Process::of(call).environ(), environ, bytes);
}

}  // namespace brink::wasi::calls
