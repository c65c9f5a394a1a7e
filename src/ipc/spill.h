#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/unique_fd.h"

/// Private to ipc: messages too long for a packet.
namespace brink::ipc {

/// A packet that stands for a message in a sealed memory file, sent as the last
/// descriptor beside it.
struct Spill {
  std::string packet;
  UniqueFd memory;
};

/// Fails on more than kMaxMessage.
Result<Spill> spill_to_memory(std::string_view text);

bool is_spill(std::string_view packet) noexcept;

/// Reads it back. The file comes from the peer: it must be sealed against writing
/// and shrinking, so that it can't change while it is read, and be no larger than
/// kMaxMessage.
Result<std::string> read_spill(int memory);

}  // namespace brink::ipc
