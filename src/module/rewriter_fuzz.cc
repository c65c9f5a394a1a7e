#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/check.h"
#include "module/rewriter.h"

namespace brink::module {
namespace {

/// What the other side of the module must look like, by kind and index.
bool same_surface(const ModuleInfo& before, const ModuleInfo& after,
                  const RewriteOptions& options) {
  const auto same_import = [](const Import& a, const Import& b) {
    return a.module == b.module && a.name == b.name && a.kind == b.kind && a.index == b.index;
  };
  const auto same_export = [](const Export& a, const Export& b) {
    return a.name == b.name && a.kind == b.kind && a.index == b.index;
  };
  std::vector<Import> imports = before.imports;
  std::vector<Export> exports = before.exports;
  if (options.memory_owner == MemoryOwner::instance && before.imported_memories == 1) {
    std::erase_if(imports, [](const Import& i) { return i.kind == ExternKind::memory; });
    if (before.find_export("memory") == nullptr) {
      exports.push_back({"memory", ExternKind::memory, 0});
    }
    if (after.imported_memories != 0 || after.memories.front().limits.shared) return false;
  }
  return std::ranges::equal(imports, after.imports, same_import) &&
         std::ranges::equal(exports, after.exports, same_export) &&
         before.memories.size() == after.memories.size();
}

void check_rewriting(std::span<const std::byte> bytes, const ModuleInfo& info,
                     const RewriteOptions& options) {
  const auto result = rewrite(bytes, info, options);
  if (!result) return;  // a minimum above the cap
  const auto again = rewrite(bytes, info, options);
  BRINK_CHECK(again.has_value() && *again == *result);
  const auto after = read_module(*result);
  BRINK_CHECK(after.has_value());
  BRINK_CHECK(same_surface(info, *after, options));
  const std::size_t more = after->functions.size() - info.functions.size();
  BRINK_CHECK(after->bodies.size() == info.bodies.size() + more);
  BRINK_CHECK(
      std::ranges::equal(info.functions, std::span(after->functions).first(info.functions.size())));
}

}  // namespace
}  // namespace brink::module

/// Whatever is read can be rewritten, and the outcome is a module with the same
/// imports, exports and indices, but for a memory that was made its own.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace brink::module;
  const auto bytes = std::as_bytes(std::span(data, size));
  const auto info = read_module(bytes);
  // An answer near the most functions that are read would not be read again.
  if (!info || info->functions.size() > 10'000) return 0;
  check_rewriting(bytes, *info, {.memory_minimum = 40, .memory_maximum = 100});
  check_rewriting(bytes, *info, {.bulk_piece = brink::ByteSize(1), .table_piece = 1});
  check_rewriting(bytes, *info, {.memory_owner = MemoryOwner::instance, .memory_maximum = 70'000});
  return 0;
}
