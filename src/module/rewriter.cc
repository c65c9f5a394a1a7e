#include "module/rewriter.h"

#include <fmt/format.h>

#include <algorithm>

#include "module/bulk_plan.h"
#include "module/edits.h"
#include "module/own_memory.h"
#include "module/writer.h"

namespace brink::module {
namespace {

/// The most pages that a memory's address type can have.
std::uint64_t address_space_pages(const MemoryType& memory) {
  const unsigned bits = memory.limits.address == AddressType::i64 ? 64 : 32;
  if (memory.page_size_log2 > 0) return std::uint64_t{1} << (bits - memory.page_size_log2);
  return bits == 64 ? ~std::uint64_t{0} : 0xFFFF'FFFFU;
}

/// Pages of 64 KiB, in the memory's own pages; saturates.
std::uint64_t own_pages(const MemoryType& memory, std::uint64_t pages) {
  const unsigned shift = 16U - memory.page_size_log2;
  const std::uint64_t most = ~std::uint64_t{0};
  return pages > most >> shift ? most : pages << shift;
}

/// Who makes memory 0.
enum class Home : std::uint8_t { module, host };

/// The type that memory 0 gets.
Result<MemoryType> wanted_memory(const MemoryType& memory, Home home,
                                 const RewriteOptions& options) {
  MemoryType wanted = memory;
  const std::uint64_t most = address_space_pages(memory);
  if (options.memory_maximum) {
    const std::uint64_t cap = own_pages(memory, *options.memory_maximum);
    if (memory.limits.minimum > cap) {
      return fail(ErrorCode::module_invalid,
                  fmt::format("the module's memory begins with {}; the limit is {}",
                              to_string(ByteSize(memory.minimum_bytes())),
                              to_string(ByteSize(cap << memory.page_size_log2))),
                  "raise the memory limit, or link with a smaller initial memory and stack");
    }
    if (cap < wanted.limits.maximum.value_or(most)) wanted.limits.maximum = cap;
  }
  if (home == Home::host) return wanted;
  if (options.memory_owner == MemoryOwner::instance) wanted.limits.shared = false;
  const std::uint64_t ceiling = wanted.limits.maximum.value_or(most);
  const std::uint64_t minimum =
      std::min(own_pages(memory, options.memory_minimum.value_or(0)), ceiling);
  wanted.limits.minimum = std::max(memory.limits.minimum, minimum);
  return wanted;
}

std::vector<std::byte> encode(const MemoryType& memory) {
  const Limits& limits = memory.limits;
  const bool page_size = memory.page_size_log2 != 16;
  Writer out;
  out.byte(static_cast<std::uint8_t>((limits.maximum ? 1 : 0) | (limits.shared ? 2 : 0) |
                                     (limits.address == AddressType::i64 ? 4 : 0) |
                                     (page_size ? 8 : 0)));
  out.unsigned_number(limits.minimum);
  if (limits.maximum) out.unsigned_number(*limits.maximum);
  if (page_size) out.unsigned_number(memory.page_size_log2);
  return std::move(out).take();
}

Result<void> change_memory(std::span<const std::byte> bytes, const ModuleInfo& info,
                           const RewriteOptions& options, Changes& changes) {
  if (info.memories.empty()) return {};
  const bool owned = options.memory_owner == MemoryOwner::instance && can_own_memory(info);
  const Home home = info.imported_memories > 0 && !owned ? Home::host : Home::module;
  TRY(const MemoryType memory, wanted_memory(info.memories.front(), home, options));
  if (owned) return own_memory(bytes, info, encode(memory), changes);
  if (memory != info.memories.front()) {
    insert_in_order(changes.edits, {*info.first_memory, encode(memory)});
  }
  return {};
}

}  // namespace

Result<std::vector<std::byte>> rewrite(std::span<const std::byte> bytes, const ModuleInfo& info,
                                       const RewriteOptions& options) {
  Changes changes;
  if (options.bulk_piece) {
    constexpr std::uint64_t kLongest = 1ULL << 30;
    const auto piece = std::clamp<std::uint64_t>(options.bulk_piece->bytes(), 1, kLongest);
    TRY(changes.edits,
        split_bulk_instructions(bytes, info,
                                {.memory = static_cast<std::uint32_t>(piece),
                                 .table = std::clamp(options.table_piece, 1U, 1U << 30),
                                 .memory_maximum = options.memory_maximum}));
    if (!changes.edits.empty()) changes.moved = CodeMoved::yes;
  }
  TRY_VOID(change_memory(bytes, info, options, changes));
  return apply(bytes, info, changes);
}

}  // namespace brink::module
