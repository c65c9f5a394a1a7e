#include "module/check.h"

#include <fmt/format.h>

#include <string>

#include "module/check_imports.h"
#include "module/cursor.h"
#include "module/dialect.h"

namespace brink::module {
namespace {

std::string export_list(const ModuleInfo& info) {
  constexpr std::size_t kShown = 8;
  if (info.exports.empty()) return "it exports nothing";
  std::string text = "it exports ";
  for (std::size_t i = 0; i < info.exports.size() && i < kShown; ++i) {
    if (i > 0) text += ", ";
    text += printable(info.exports[i].name);
  }
  if (info.exports.size() > kShown) {
    text += fmt::format(" and {} more", info.exports.size() - kShown);
  }
  return text;
}

Result<void> check_exceptions(const ModuleInfo& info) {
  if (!info.legacy_exception) return {};
  return fail(ErrorCode::module_invalid,
              fmt::format("the module uses legacy exceptions (first at byte {}), which engines no "
                          "longer run",
                          *info.legacy_exception),
              "compile and link with -mllvm -wasm-use-legacy-eh=false, or translate it with "
              "wasm-opt --translate-to-exnref");
}

Result<void> check_start(const ModuleInfo& info) {
  const Export* start = info.find_export("_start");
  if (start == nullptr) {
    if (info.find_export("_initialize") != nullptr) {
      return fail(ErrorCode::module_invalid,
                  "the module is a reactor: it exports _initialize and no _start",
                  "build it as a command (clang: without -mexec-model=reactor; Rust: a bin, not a "
                  "cdylib)");
    }
    return fail(ErrorCode::module_invalid, "the module exports no _start: " + export_list(info),
                "build it as a program with a main function, for wasm32-wasip1");
  }
  if (start->kind != ExternKind::function) {
    return fail(ErrorCode::module_invalid,
                fmt::format("_start is {}, not a function", with_article(start->kind)),
                "build it as a program with a main function, for wasm32-wasip1");
  }
  const FunctionType* type = info.function_type(start->index);
  if (type == nullptr || *type != FunctionType{}) {
    return fail(ErrorCode::module_invalid,
                fmt::format("_start has the type {}; it must be () -> ()",
                            type == nullptr ? std::string("unknown") : signature_text(*type)),
                "export a function without parameters and results as _start");
  }
  return {};
}

Result<void> check_memory_shape(const ModuleInfo& info) {
  if (info.memories.size() > 1) {
    return fail(ErrorCode::module_invalid,
                fmt::format("the module has {} memories; brink runs programs with one",
                            info.memories.size()),
                "link it without multiple memories");
  }
  for (const MemoryType& memory : info.memories) {
    if (memory.limits.address == AddressType::i64) {
      return fail(ErrorCode::module_invalid,
                  "the module has a 64-bit memory; the system interface uses 32-bit addresses",
                  "build it for wasm32, not wasm64");
    }
  }
  const ExecutionNeeds needs = needs_of(info);
  if (info.defines_shared_memory() && !needs.thread_start.empty()) {
    return fail(ErrorCode::module_invalid,
                "the module has threads and a shared memory of its own, which every thread would "
                "have for itself",
                "link it with --import-memory, or build it without threads");
  }
  return {};
}

Result<void> check_memory_export(const ModuleInfo& info) {
  const Export* memory = info.find_export("memory");
  if (memory == nullptr && info.imported_memories > 0) return {};
  if (uses_wasi(info) && (memory == nullptr || memory->kind != ExternKind::memory)) {
    return fail(
        ErrorCode::module_invalid,
        "the module uses WASI but exports no memory called \"memory\": " + export_list(info),
        "link it with --export-memory (clang: -Wl,--export-memory)");
  }
  return {};
}

Result<void> check_memory_size(const ModuleInfo& info, ByteSize most) {
  for (const MemoryType& memory : info.memories) {
    const std::uint64_t least = memory.minimum_bytes();
    if (least <= most.bytes()) continue;
    return fail(ErrorCode::module_invalid,
                fmt::format("the module needs at least {} of memory; the limit is {}",
                            to_string(ByteSize(least)), to_string(most)),
                fmt::format("raise the memory limit (--memory) to {} or more, or link with a "
                            "smaller initial memory and stack",
                            to_string(ByteSize(least))));
  }
  return {};
}

}  // namespace

Result<void> check_runnable(const ModuleInfo& info, HostSignatures host, const RunLimits& limits) {
  TRY_VOID(check_exceptions(info));
  TRY_VOID(check_imports(info, host));
  TRY_VOID(check_start(info));
  TRY_VOID(check_memory_shape(info));
  TRY_VOID(check_memory_export(info));
  return check_memory_size(info, limits.memory);
}

Result<void> check_executor(const ExecutionNeeds& needs, Executor where) {
  if (where == Executor::family) return {};
  constexpr std::string_view kRemedy = "run it as a process of its own: --mode command";
  if (needs.threading == Threading::threaded) {
    return fail(ErrorCode::module_invalid, "the program has threads, which no worker can run",
                std::string(kRemedy) + ", or build it without threads");
  }
  if (needs.array_operation) {
    return fail(ErrorCode::module_invalid,
                fmt::format("the program uses garbage-collected arrays (first at byte {}): filling "
                            "one may take long, and a worker's other programs would wait",
                            *needs.array_operation),
                std::string(kRemedy));
  }
  return {};
}

}  // namespace brink::module
