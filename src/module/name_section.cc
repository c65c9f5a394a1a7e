#include "module/name_section.h"

#include "module/cursor.h"
#include "module/writer.h"

namespace brink::module {
namespace {

constexpr std::uint8_t kFunctionNames = 1;

struct Subsection {
  Range whole;  ///< with its id and size
  Range content;
};

Result<std::optional<Subsection>> find_function_names(Cursor at) {
  while (!at.at_end()) {
    const std::size_t start = at.offset();
    TRY(const std::uint8_t id, at.byte());
    TRY(const std::uint32_t size, at.u32());
    const Range content{at.offset(), size};
    TRY_VOID(at.skip(size));
    if (id == kFunctionNames) return Subsection{{start, at.offset() - start}, content};
  }
  return std::nullopt;
}

/// The subsection's content with the new entries. Indices must ascend, so an
/// entry at or above `first` is an error.
Result<Writer> extended(std::span<const std::byte> bytes, Range content, std::uint32_t first,
                        std::span<const std::string> names) {
  Cursor at(bytes, content);
  TRY(const std::uint32_t count, at.count());
  const std::size_t entries = at.offset();
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::size_t start = at.offset();
    TRY(const std::uint32_t index, at.u32());
    if (index >= first) return fail_at(start, "a name for a function that does not exist");
    TRY_VOID(at.name());
  }
  Writer out;
  out.unsigned_number(count + names.size());
  out.raw(bytes.subspan(entries, content.end() - entries));
  for (const std::string& name : names) {
    out.unsigned_number(first++);
    out.name(name);
  }
  return out;
}

}  // namespace

std::optional<Edit> append_function_names(std::span<const std::byte> bytes, const ModuleInfo& info,
                                          std::uint32_t first, std::span<const std::string> names) {
  const Section* section = info.find_custom("name");
  if (section == nullptr) return std::nullopt;
  const auto found = find_function_names(Cursor(bytes, section->custom_content));
  if (!found || !*found) return std::nullopt;
  const auto content = extended(bytes, (*found)->content, first, names);
  if (!content) return std::nullopt;
  Writer subsection;
  subsection.byte(kFunctionNames);
  subsection.unsigned_number(content->size());
  subsection.raw(content->view());
  return Edit{(*found)->whole, std::move(subsection).take()};
}

}  // namespace brink::module
