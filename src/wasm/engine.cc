#include "wasm/engine.h"

#include <sys/resource.h>
#include <wasmtime.h>

#include <algorithm>
#include <fstream>
#include <string_view>
#include <utility>

#include "wasm/engine_error.h"

namespace brink::wasm {
namespace {

using PoolHandle =
    Handle<wasmtime_pooling_allocation_config_t, wasmtime_pooling_allocation_config_delete>;

// A change here, or of the engine's version, makes every cached artefact stale.
constexpr std::string_view kSettings =
    "wasmtime-48.0.8 epoch no-unwind fixed-memory shared-memory 4GiB+32MiB";

constexpr std::uint64_t kMemoryReservation = 4ULL << 30;
constexpr std::uint64_t kMemoryGuard = 32ULL << 20;
constexpr std::size_t kWasmStack = 512U << 10;
// A program in its own process may recurse as deeply as a native one can on half of
// the usual main thread's 8 MiB: interpreters do.
constexpr std::size_t kSingleWasmStack = 4U << 20;
// What host calls need below the wasm stack.
constexpr std::size_t kHostStack = 512U << 10;
// What is left beside the wasm stack is all that host calls have on a fiber.
constexpr std::size_t kFiberStack = 2U << 20;
constexpr std::size_t kBacktraceFrames = 32;
// A PHP or Python build has some 10,000 functions in its table.
constexpr std::size_t kTableElements = 65'536;
constexpr std::size_t kInstanceSize = 4U << 20;
// The lowest bytes of a slot are cleared by memset instead of being given back
// to the kernel: no page fault in the next request. Larger memories pay the
// clearing of this much, so it fits small programs.
constexpr std::size_t kMemoryKeepResident = 256U << 10;
constexpr std::size_t kTableKeepResident = 64U << 10;

void set_code_options(wasm_config_t* config) {
  wasmtime_config_strategy_set(config, WASMTIME_STRATEGY_CRANELIFT);
  wasmtime_config_cranelift_opt_level_set(config, WASMTIME_OPT_LEVEL_SPEED);
  wasmtime_config_epoch_interruption_set(config, true);
  // With unwind information every C++ throw would search all modules.
  wasmtime_config_native_unwind_info_set(config, false);
  wasmtime_config_memory_may_move_set(config, false);
  wasmtime_config_memory_reservation_set(config, kMemoryReservation);
  wasmtime_config_memory_guard_size_set(config, kMemoryGuard);
  wasmtime_config_memory_init_cow_set(config, true);
  wasmtime_config_shared_memory_set(config, true);
}

void set_pool(wasm_config_t* config, const EngineOptions& options) {
  const PoolHandle pool(wasmtime_pooling_allocation_config_new());
  const std::uint32_t count = options.instances;
  wasmtime_pooling_allocation_config_total_core_instances_set(pool.get(), count);
  wasmtime_pooling_allocation_config_total_memories_set(pool.get(), count);
  wasmtime_pooling_allocation_config_total_tables_set(pool.get(), count);
  wasmtime_pooling_allocation_config_total_stacks_set(pool.get(), count);
  wasmtime_pooling_allocation_config_total_gc_heaps_set(pool.get(), count);
  wasmtime_pooling_allocation_config_max_unused_warm_slots_set(pool.get(), count);
  wasmtime_pooling_allocation_config_max_memory_size_set(pool.get(), options.max_memory.bytes());
  wasmtime_pooling_allocation_config_table_elements_set(pool.get(), kTableElements);
  wasmtime_pooling_allocation_config_max_core_instance_size_set(pool.get(), kInstanceSize);
  wasmtime_pooling_allocation_config_linear_memory_keep_resident_set(pool.get(),
                                                                     kMemoryKeepResident);
  wasmtime_pooling_allocation_config_table_keep_resident_set(pool.get(), kTableKeepResident);
  wasmtime_pooling_allocation_strategy_set(config, pool.get());
}

std::size_t wasm_stack_of(EngineOptions::Use use) {
  if (use != EngineOptions::Use::single) return kWasmStack;
  rlimit main_stack{};
  ::getrlimit(RLIMIT_STACK, &main_stack);
  return main_stack.rlim_cur >= 2 * kSingleWasmStack ? kSingleWasmStack : kWasmStack;
}

}  // namespace

Result<Engine> Engine::create(const EngineOptions& options) {
  wasm_config_t* config = wasm_config_new();
  set_code_options(config);
  wasmtime_config_max_wasm_stack_set(config, wasm_stack_of(options.use));
  wasmtime_config_async_stack_size_set(
      config, std::max(kFiberStack, wasm_stack_of(options.use) + kHostStack));
  wasmtime_config_wasm_backtrace_max_frames_set(config, kBacktraceFrames);
  wasmtime_config_parallel_compilation_set(config, options.use == EngineOptions::Use::compile);
  if (options.use == EngineOptions::Use::serve) set_pool(config, options);

  wasm_engine_t* engine = nullptr;
  if (wasmtime_error_t* error = wasmtime_engine_try_new(config, &engine)) {
    Error failure = take_error(ErrorCode::resource_exhausted, error).in("the engine cannot start");
    failure.remedy =
        "it reserves address space for every instance: lower limits.instances, or "
        "raise the process's address space limit (ulimit -v)";
    return std::unexpected(std::move(failure));
  }
  return Engine(EngineHandle(engine), wasm_stack_of(options.use) + kHostStack);
}

void Engine::increment_epoch() const noexcept { wasmtime_engine_increment_epoch(engine_.get()); }

std::string Engine::fingerprint() {
  std::string text(kSettings);
  std::ifstream processor("/proc/cpuinfo");
  for (std::string line; std::getline(processor, line);) {
    if (line.starts_with("flags") || line.starts_with("Features")) return text + "\n" + line;
  }
  return text;
}

}  // namespace brink::wasm
