#include "module/edits.h"

#include <limits>
#include <string_view>

#include "base/check.h"
#include "module/module_reader.h"
#include "module/writer.h"

namespace brink::module {
namespace {

/// Sections whose contents are offsets into the code section or a body.
bool holds_code_offsets(const Section& section) {
  const std::string_view name = section.custom_name;
  return section.id == section_id::kCustom &&
         (name.starts_with(".debug_") || name.starts_with("reloc.") ||
          name.starts_with("metadata.code.") || name == "sourceMappingURL" ||
          name == "external_debug_info");
}

/// The payload of one section with the edits that lie in it.
std::vector<std::byte> edited(std::span<const std::byte> bytes, Range payload,
                              std::span<const Edit> edits) {
  Writer out;
  std::size_t at = payload.offset;
  for (const Edit& edit : edits) {
    BRINK_CHECK(edit.where.offset >= at && edit.where.end() <= payload.end());
    out.raw(bytes.subspan(at, edit.where.offset - at));
    out.raw(edit.bytes);
    at = edit.where.end();
  }
  out.raw(bytes.subspan(at, payload.end() - at));
  return std::move(out).take();
}

}  // namespace

Result<std::vector<std::byte>> apply(std::span<const std::byte> bytes, const ModuleInfo& info,
                                     std::span<const Edit> edits, CodeMoved moved) {
  constexpr std::size_t kHeaderSize = 8;
  Writer out;
  out.raw(bytes.first(kHeaderSize));
  for (const Section& section : info.sections) {
    if (moved == CodeMoved::yes && holds_code_offsets(section)) continue;
    std::size_t inside = 0;
    while (inside < edits.size() && edits[inside].where.end() <= section.payload.end()) ++inside;
    if (inside == 0) {
      out.raw(bytes.subspan(section.start, section.payload.end() - section.start));
      continue;
    }
    const auto payload = edited(bytes, section.payload, edits.first(inside));
    edits = edits.subspan(inside);
    if (payload.size() > std::numeric_limits<std::uint32_t>::max()) {
      return fail(ErrorCode::module_invalid, "the module is too large to be rewritten",
                  "build a smaller one: optimize for size, or strip it");
    }
    out.byte(section.id);
    out.unsigned_number(payload.size());
    out.raw(payload);
  }
  BRINK_CHECK(edits.empty());
  return std::move(out).take();
}

}  // namespace brink::module
