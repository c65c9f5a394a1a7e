#include "module/needs.h"

#include <algorithm>
#include <array>

namespace brink::module {
namespace {

bool exports_function(const ModuleInfo& info, std::string_view name) {
  const Export* found = info.find_export(name);
  return found != nullptr && found->kind == ExternKind::function;
}

bool is_system(const Import& import) {
  return import.kind == ExternKind::function &&
         (import.module == "wasi" || import.module.starts_with("wasix_"));
}

bool starts_threads(const Import& import) {
  return is_system(import) &&
         (import.name == "thread-spawn" || import.name.starts_with("thread_spawn"));
}

bool starts_processes(const Import& import) {
  constexpr std::array<std::string_view, 3> kCalls = {"proc_fork", "proc_exec", "proc_spawn"};
  return is_system(import) && std::ranges::any_of(kCalls, [&](std::string_view call) {
           return import.name.starts_with(call);
         });
}

std::string_view thread_start_of(const ModuleInfo& info) {
  for (const std::string_view name : {"wasi_thread_start", "_start_thread"}) {
    if (exports_function(info, name)) return name;
  }
  return {};
}

bool is_asyncified(const ModuleInfo& info) {
  constexpr std::array<std::string_view, 4> kFunctions = {
      "asyncify_start_unwind", "asyncify_stop_unwind", "asyncify_start_rewind",
      "asyncify_stop_rewind"};
  return std::ranges::all_of(kFunctions,
                             [&](std::string_view name) { return exports_function(info, name); });
}

}  // namespace

ExecutionNeeds needs_of(const ModuleInfo& info) {
  ExecutionNeeds needs;
  needs.thread_start = thread_start_of(info);
  const bool starts =
      !needs.thread_start.empty() || std::ranges::any_of(info.imports, starts_threads);
  if (starts && info.imports_shared_memory()) {
    needs.threading = Threading::threaded;
    needs.shared_memory = info.memories.front();
  }
  needs.array_operation = info.array_operation;
  needs.takes_signals = exports_function(info, "__wasm_signal");
  needs.asyncified = is_asyncified(info);
  for (const Import& import : info.imports) {
    if (starts_processes(import)) needs.process_calls.push_back(import.name);
  }
  return needs;
}

}  // namespace brink::module
