#include "module/edits.h"

#include <algorithm>
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

Result<void> put_section(Writer& out, std::uint8_t id, std::span<const std::byte> payload) {
  if (payload.size() > std::numeric_limits<std::uint32_t>::max()) {
    return fail(ErrorCode::module_invalid, "the module is too large to be rewritten",
                "build a smaller one: optimize for size, or strip it");
  }
  out.byte(id);
  out.unsigned_number(payload.size());
  out.raw(payload);
  return {};
}

/// Where a new section goes, as an index into the old ones: right behind the last
/// that must precede it, so that custom sections at the end stay there.
std::size_t place_of(const ModuleInfo& info, std::uint8_t id) {
  std::size_t place = 0;
  for (std::size_t i = 0; i < info.sections.size(); ++i) {
    const std::uint8_t other = info.sections[i].id;
    if (other != section_id::kCustom && section_rank(other) < section_rank(id)) place = i + 1;
  }
  return place;
}

/// The implementation of apply.
class Rewriting {
 public:
  Rewriting(std::span<const std::byte> bytes, const ModuleInfo& info, const Changes& changes)
      : bytes_(bytes), info_(info), changes_(changes), edits_(changes.edits) {
    for (const NewSection& section : changes.sections) {
      places_.push_back(place_of(info, section.id));
    }
  }

  Result<std::vector<std::byte>> result() && {
    constexpr std::size_t kHeaderSize = 8;
    out_.raw(bytes_.first(kHeaderSize));
    for (std::size_t i = 0; i < info_.sections.size(); ++i) {
      TRY_VOID(put_new_sections(i));
      TRY_VOID(put_old_section(info_.sections[i]));
    }
    TRY_VOID(put_new_sections(info_.sections.size()));
    BRINK_CHECK(edits_.empty());
    return std::move(out_).take();
  }

 private:
  Result<void> put_new_sections(std::size_t place) {
    for (std::size_t i = 0; i < places_.size(); ++i) {
      if (places_[i] != place) continue;
      TRY_VOID(put_section(out_, changes_.sections[i].id, changes_.sections[i].payload));
    }
    return {};
  }

  Result<void> put_old_section(const Section& section) {
    if (changes_.moved == CodeMoved::yes && holds_code_offsets(section)) return {};
    std::size_t inside = 0;
    while (inside < edits_.size() && edits_[inside].where.end() <= section.payload.end()) ++inside;
    if (inside == 0) {
      out_.raw(bytes_.subspan(section.start, section.payload.end() - section.start));
      return {};
    }
    const auto payload = edited(bytes_, section.payload, edits_.first(inside));
    edits_ = edits_.subspan(inside);
    return put_section(out_, section.id, payload);
  }

  std::span<const std::byte> bytes_;
  const ModuleInfo& info_;
  const Changes& changes_;
  std::span<const Edit> edits_;
  std::vector<std::size_t> places_;  ///< of the new sections
  Writer out_;
};

}  // namespace

void insert_in_order(std::vector<Edit>& edits, Edit edit) {
  const auto offset = [](const Edit& candidate) { return candidate.where.offset; };
  const auto place = std::ranges::upper_bound(edits, edit.where.offset, {}, offset);
  edits.insert(place, std::move(edit));
}

const Section* find_section(const ModuleInfo& info, std::uint8_t id) {
  const auto found = std::ranges::find(info.sections, id, &Section::id);
  return found == info.sections.end() ? nullptr : &*found;
}

Result<Edit> recount(std::span<const std::byte> bytes, const Section& section,
                     std::int64_t difference) {
  Cursor at(bytes, section.payload);
  TRY(const std::uint32_t count, at.u32());
  Writer number;
  number.unsigned_number(static_cast<std::uint64_t>(std::int64_t{count} + difference));
  const std::size_t start = section.payload.offset;
  return Edit{{start, at.offset() - start}, std::move(number).take()};
}

Result<void> extend(std::span<const std::byte> bytes, const Section& section, std::size_t more,
                    const Writer& entries, std::vector<Edit>& edits) {
  TRY(Edit count, recount(bytes, section, static_cast<std::int64_t>(more)));
  const auto view = entries.view();
  insert_in_order(edits, std::move(count));
  insert_in_order(edits, {{section.payload.end(), 0}, {view.begin(), view.end()}});
  return {};
}

Result<std::vector<std::byte>> apply(std::span<const std::byte> bytes, const ModuleInfo& info,
                                     const Changes& changes) {
  if (changes.edits.empty() && changes.sections.empty()) {
    return std::vector<std::byte>(bytes.begin(), bytes.end());
  }
  return Rewriting(bytes, info, changes).result();
}

}  // namespace brink::module
