#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>

#include "wasi/call_support.h"
#include "wasi/calls.h"

namespace brink::wasi::calls {
namespace {

Outcome<void> not_supported() { return failed(Errno::notsup); }

}  // namespace

Outcome<void> proc_snapshot(HostCall&) { return not_supported(); }

Outcome<void> port_bridge(HostCall&, u32, u32, u32, u32, u32) { return not_supported(); }
Outcome<void> port_unbridge(HostCall&) { return not_supported(); }
Outcome<void> port_dhcp_acquire(HostCall&) { return not_supported(); }
Outcome<void> port_addr_add(HostCall&, u32) { return not_supported(); }
Outcome<void> port_addr_remove(HostCall&, u32) { return not_supported(); }
Outcome<void> port_addr_clear(HostCall&) { return not_supported(); }
Outcome<void> port_gateway_set(HostCall&, u32) { return not_supported(); }
Outcome<void> port_route_add(HostCall&, u32, u32, u32, u32) { return not_supported(); }
Outcome<void> port_route_remove(HostCall&, u32) { return not_supported(); }
Outcome<void> port_route_clear(HostCall&) { return not_supported(); }
Outcome<void> port_route_list(HostCall&, u32, u32) { return not_supported(); }
Outcome<void> port_mac(HostCall&, u32) { return not_supported(); }

Outcome<void> dlopen(HostCall& call, u32, u32, u32, u32 error, u32 error_length, u32, u32, u32) {
  // What dlerror() shows, with its NUL.
  constexpr std::string_view kText = "this host has no dynamic linking: link statically";
  const auto room = call.memory.bytes(error, error_length);
  if (!room) return failed(Errno::fault);
  if (!room->empty()) {
    const std::size_t size = std::min(kText.size(), room->size() - 1);
    std::memcpy(room->data(), kText.data(), size);
    (*room)[size] = std::byte{0};
  }
  return not_supported();
}
Outcome<void> dlsym(HostCall&, u32, u32, u32, u32, u32, u32) { return not_supported(); }
// No handle is ever valid.
Outcome<void> dl_invalid_handle(HostCall&, u32) { return failed(Errno::inval); }

Outcome<void> call_dynamic(HostCall&, u32, u32, u32, u32, u32, u32) { return not_supported(); }
Outcome<void> closure_prepare(HostCall&, u32, u32, u32, u32, u32, u32, u32) {
  return not_supported();
}
Outcome<void> closure_allocate(HostCall&, u32) { return not_supported(); }
Outcome<void> closure_free(HostCall&, u32) { return not_supported(); }
Outcome<void> reflect_signature(HostCall&, u32, u32, u32, u32, u32, u32) { return not_supported(); }

Outcome<void> context_create(HostCall&, u32, u32) { return not_supported(); }
Outcome<void> context_switch(HostCall&, u64) { return not_supported(); }
Outcome<void> context_destroy(HostCall&, u64) { return not_supported(); }

}  // namespace brink::wasi::calls
