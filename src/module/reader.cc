#include "module/reader.h"

#include <algorithm>

#include "module/module_reader.h"

namespace brink::module {

bool ModuleInfo::imports_shared_memory() const {
  return imported_memories > 0 && memories.front().limits.shared;
}

bool ModuleInfo::defines_shared_memory() const {
  return imported_memories == 0 && !memories.empty() && memories.front().limits.shared;
}

bool ModuleInfo::imports_from(std::string_view module_name) const {
  return std::ranges::find(imports, module_name, &Import::module) != imports.end();
}

const Export* ModuleInfo::find_export(std::string_view name) const {
  const auto found = std::ranges::find(exports, name, &Export::name);
  return found == exports.end() ? nullptr : &*found;
}

const Section* ModuleInfo::find_custom(std::string_view name) const {
  const auto found = std::ranges::find_if(sections, [&](const Section& section) {
    return section.id == section_id::kCustom && section.custom_name == name;
  });
  return found == sections.end() ? nullptr : &*found;
}

std::size_t ModuleInfo::body_start(std::size_t body) const {
  return body == 0 ? first_body : bodies[body - 1].end();
}

const FunctionType* ModuleInfo::function_type(std::uint32_t function) const {
  if (function >= functions.size()) return nullptr;
  const std::uint32_t type = functions[function];
  if (type >= types.size() || types[type].kind != Type::Kind::function) return nullptr;
  return &types[type].function;
}

Result<ModuleInfo> read_module(std::span<const std::byte> bytes) {
  return ModuleReader(bytes).read();
}

}  // namespace brink::module
