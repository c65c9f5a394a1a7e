#include "module/module_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "module/identify.h"

namespace brink::module {
namespace {

constexpr std::size_t kHeaderSize = 8;
constexpr std::size_t kMostSections = 10'000;

constexpr std::array<std::string_view, 14> kSectionNames = {
    "custom", "type",  "import",  "function", "table", "memory",     "global",
    "export", "start", "element", "code",     "data",  "data count", "tag"};

}  // namespace

int section_rank(std::uint8_t id) {
  using namespace section_id;
  static constexpr std::array kOrder = {kCustom,  kType,      kImport, kFunction, kTable,
                                        kMemory,  kTag,       kGlobal, kExport,   kStart,
                                        kElement, kDataCount, kCode,   kData};
  const auto* const found = std::ranges::find(kOrder, id);
  return found == kOrder.end() ? -1 : static_cast<int>(found - kOrder.begin());
}

Result<ModuleInfo> ModuleReader::read() && {
  TRY_VOID(check_is_module(bytes_));
  Cursor file(bytes_, {kHeaderSize, bytes_.size() - kHeaderSize});
  while (!file.at_end()) TRY_VOID(section(file));
  TRY_VOID(check_counts());
  return std::move(info_);
}

Result<void> ModuleReader::section(Cursor& file) {
  const std::size_t start = file.offset();
  if (info_.sections.size() == kMostSections) {
    return fail_at(start, fmt::format("more than {} sections", kMostSections));
  }
  TRY(const std::uint8_t id, file.byte());
  const int rank = section_rank(id);
  if (rank < 0) return fail_at(start, fmt::format("unknown section {}", id));
  const std::string_view name = kSectionNames[id];
  if (rank != 0 && rank <= rank_) {
    return fail_at(start, fmt::format("the {} section is out of order or repeated", name));
  }
  rank_ = std::max(rank, rank_);
  TRY(const std::uint32_t size, file.u32());
  if (size > file.remaining()) {
    auto error =
        fail_at(start, fmt::format("the {} section is cut short: {} bytes announced, {} left", name,
                                   size, file.remaining()));
    error.error().remedy = "the file is truncated: build or download it again";
    return error;
  }
  Section section{.id = id,
                  .start = start,
                  .payload = {file.offset(), size},
                  .custom_name = {},
                  .custom_content = {}};
  TRY_VOID(file.skip(size));
  Cursor at(bytes_, section.payload);
  if (rank == 0) {
    TRY(const std::string_view custom, at.name());
    section.custom_name = custom;
    section.custom_content = {at.offset(), at.remaining()};
  } else if (auto read = payload(section, at); !read) {
    return std::unexpected(std::move(read).error().in(fmt::format("{} section", name)));
  }
  info_.sections.push_back(std::move(section));
  return {};
}

Result<void> ModuleReader::payload(const Section& section, Cursor& at) {
  TRY_VOID(known_payload(section.id, at));
  if (!at.at_end()) {
    return fail_at(at.offset(), fmt::format("bytes left over: {}", at.remaining()));
  }
  return {};
}

Result<void> ModuleReader::known_payload(std::uint8_t id, Cursor& at) {
  switch (id) {
    case section_id::kType:
      return entries(at, &ModuleReader::types);
    case section_id::kImport:
      return entries(at, &ModuleReader::import);
    case section_id::kFunction:
      return entries(at, &ModuleReader::function);
    case section_id::kTable:
      return entries(at, &ModuleReader::table);
    case section_id::kMemory:
      return entries(at, &ModuleReader::memory);
    case section_id::kTag:
      return entries(at, &ModuleReader::tag);
    case section_id::kGlobal:
      return entries(at, &ModuleReader::global);
    case section_id::kExport:
      return entries(at, &ModuleReader::export_);
    case section_id::kStart:
      return start(at);
    case section_id::kElement:
      return entries(at, &ModuleReader::element);
    case section_id::kDataCount: {
      TRY(data_count_, at.u32());
      return {};
    }
    case section_id::kCode:
      return entries(at, &ModuleReader::body);
    default:
      return entries(at, &ModuleReader::data);
  }
}

Result<void> ModuleReader::entries(Cursor& at, Entry entry) {
  TRY(const std::uint32_t count, at.count());
  for (std::uint32_t i = 0; i < count; ++i) TRY_VOID((this->*entry)(at));
  return {};
}

Result<void> ModuleReader::check_counts() const {
  if (declared_functions_ != info_.bodies.size()) {
    return fail(ErrorCode::module_invalid,
                fmt::format("functions declared: {}, functions with code: {}", declared_functions_,
                            info_.bodies.size()));
  }
  if (data_count_ && *data_count_ != info_.data_sizes.size()) {
    return fail(ErrorCode::module_invalid,
                fmt::format("data segments announced: {}, data segments present: {}", *data_count_,
                            info_.data_sizes.size()));
  }
  return {};
}

}  // namespace brink::module
