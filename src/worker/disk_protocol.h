#pragma once

#include <cstdint>

#include "wasi/disk.h"

namespace brink::worker {

/// What a worker and its disk helper send each other: one packet each way per job,
/// the first with the file's descriptor. Both are the same program, so no byte of it
/// is ever seen by another version.
struct DiskRequest {
  wasi::Disk::Ticket ticket;
  std::uint64_t offset;
  std::uint64_t length;
  std::uint64_t work;  ///< wasi::Disk::Work
};

struct DiskAnswer {
  wasi::Disk::Ticket ticket;
  std::int64_t error;  ///< errno, 0 for success
};

}  // namespace brink::worker
