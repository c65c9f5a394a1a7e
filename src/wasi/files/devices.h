#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "wasi/files/types.h"

namespace brink::wasi::files {

/// What stands in the guest's /dev. None of it is a host device node: the first
/// four are served by read_device and write_device, the other three mean the
/// program's own descriptors 0, 1 and 2.
enum class Device : std::uint8_t { null, zero, random, urandom, stdin_, stdout_, stderr_ };

struct DeviceName {
  std::string_view name;  ///< below /dev
  Device device;
};

/// All devices, sorted by name.
std::span<const DeviceName> device_names() noexcept;

/// Fills `to` as the device does; the sum read, at most kMaxTransfer: 0 for null,
/// zeros, or bytes of the kernel's random generator. stdin and its like are EBADF
/// here: the caller owns those descriptors.
Outcome<std::size_t> read_device(Device device, std::span<const iovec> to) noexcept;

/// Swallows `from`: its length, without a bound.
Outcome<std::size_t> write_device(Device device, std::span<const iovec> from) noexcept;

}  // namespace brink::wasi::files
