#pragma once

#include "wasi/stream.h"

namespace brink::wasi {

/// What poll(2) says of a kernel descriptor right now, without waiting; `events`
/// is POLLIN or POLLOUT. Counts the readable bytes where the kernel can.
Readiness kernel_readiness(int fd, short events) noexcept;

}  // namespace brink::wasi
