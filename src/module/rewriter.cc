#include "module/rewriter.h"

#include <fmt/format.h>

#include <algorithm>

#include "module/bulk_plan.h"
#include "module/edits.h"
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

/// The type that memory 0 gets.
Result<MemoryType> wanted_memory(const MemoryType& memory, const RewriteOptions& options) {
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

}  // namespace

Result<std::vector<std::byte>> rewrite(std::span<const std::byte> bytes, const ModuleInfo& info,
                                       const RewriteOptions& options) {
  std::vector<Edit> edits;
  CodeMoved moved = CodeMoved::no;
  if (options.bulk_piece) {
    constexpr std::uint64_t kLongest = 1ULL << 30;
    const auto piece = std::clamp<std::uint64_t>(options.bulk_piece->bytes(), 1, kLongest);
    TRY(edits, split_bulk_instructions(bytes, info,
                                       {.memory = static_cast<std::uint32_t>(piece),
                                        .table = std::clamp(options.table_piece, 1U, 1U << 30),
                                        .memory_maximum = options.memory_maximum}));
    if (!edits.empty()) moved = CodeMoved::yes;
  }
  if (!info.memories.empty()) {
    TRY(const MemoryType memory, wanted_memory(info.memories.front(), options));
    if (memory != info.memories.front()) {
      const auto offset = [](const Edit& edit) { return edit.where.offset; };
      const auto place = std::ranges::upper_bound(edits, info.first_memory->offset, {}, offset);
      edits.insert(place, {*info.first_memory, encode(memory)});
    }
  }
  return apply(bytes, info, edits, moved);
}

}  // namespace brink::module
