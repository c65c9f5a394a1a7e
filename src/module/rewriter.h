#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/result.h"
#include "base/units.h"
#include "module/reader.h"

namespace brink::module {

/// The most elements that one table instruction may touch before the engine's
/// next check of the deadline; tables that cannot grow larger are left alone.
inline constexpr std::uint32_t kTablePiece = 1U << 20;

/// Whose memory 0 is.
enum class MemoryOwner : std::uint8_t {
  as_declared,
  /// The instance's alone: an imported memory becomes a defined one that is
  /// exported as "memory", a shared one becomes a plain one. Only for modules
  /// without threads (needs.h): there atomics do the same, and the start function
  /// that the linker writes for a shared memory never waits.
  instance,
};

struct RewriteOptions {
  /// Ignored if the module imports several memories: they would change places.
  MemoryOwner memory_owner = MemoryOwner::as_declared;

  /// Raises the minimum of memory 0 to so many pages of 64 KiB, but never above its
  /// maximum. A smaller number than the module's own changes nothing. A memory that
  /// is imported keeps its minimum, which is where the program's heap begins.
  std::optional<std::uint64_t> memory_minimum = {};

  /// Caps the maximum of memory 0 at so many pages of 64 KiB, and gives it one if it has
  /// none: memory.grow beyond it then answers -1.
  std::optional<std::uint64_t> memory_maximum = {};

  /// The engine checks its deadline where a function or a loop begins, never
  /// inside an instruction. Instructions that may touch more than this in one
  /// go are replaced by calls of appended functions that do the same in pieces.
  /// Between 1 byte and 1 GiB; nothing = leave them, as befits a program that has a
  /// process of its own: nobody waits there for the end of an instruction.
  std::optional<ByteSize> bulk_piece = ByteSize(1ULL << 20);

  /// The same for table instructions, in elements; at most 2^30.
  std::uint32_t table_piece = kTablePiece;
};

/// The module with these changes and no others: indices stay what they are, and
/// sections that nothing applies to are copied byte for byte; when nothing at
/// all applies, the result equals `bytes`. The new functions behave as the
/// instructions they replace, traps included: a range that is out of bounds
/// traps before anything is written. Custom sections that hold code offsets
/// (DWARF, source maps, branch hints, relocations) are dropped when code moves;
/// the name section stays valid and names the new functions.
///
/// `info` must come from read_module(bytes). Deterministic. Errors
/// (module_invalid): a minimum above the cap, or a result too large.
Result<std::vector<std::byte>> rewrite(std::span<const std::byte> bytes, const ModuleInfo& info,
                                       const RewriteOptions& options);

}  // namespace brink::module
