#include "wasm/program.h"

#include <wasmtime.h>

#include <utility>
#include <vector>

#include "wasm/engine_error.h"
#include "wasm/guest.h"

namespace brink::wasm {
namespace {

using LinkerHandle = Handle<wasmtime_linker_t, wasmtime_linker_delete>;
using TypeHandle = Handle<wasm_functype_t, wasm_functype_delete>;

static_assert(sizeof(RawSlot) == sizeof(wasmtime_val_raw_t));
static_assert(alignof(RawSlot) >= alignof(wasmtime_val_raw_t));

wasm_trap_t* trampoline(void* env, wasmtime_caller_t* caller, wasmtime_val_raw_t* slots,
                        std::size_t /*count*/) {
  const auto& function = *static_cast<const HostFunction*>(env);
  auto* guest = static_cast<Guest*>(wasmtime_context_get_data(wasmtime_caller_context(caller)));
  return static_cast<wasm_trap_t*>(guest->host_call(function, caller, slots));
}

TypeHandle type_of(const HostFunction& function) {
  std::vector<wasm_valtype_t*> parameters;
  for (const char letter : function.parameters) {
    parameters.push_back(wasm_valtype_new(letter == 'I' ? WASM_I64 : WASM_I32));
  }
  wasm_valtype_vec_t in;
  wasm_valtype_vec_new(&in, parameters.size(), parameters.data());
  wasm_valtype_vec_t out;
  if (function.returns == HostFunction::Returns::i32) {
    wasm_valtype_t* result = wasm_valtype_new(WASM_I32);
    wasm_valtype_vec_new(&out, 1, &result);
  } else {
    wasm_valtype_vec_new_empty(&out);
  }
  return TypeHandle(wasm_functype_new(&in, &out));
}

Result<void> define_memory(wasmtime_linker_t* linker, const Engine& engine,
                           const SharedMemory& memory) {
  // The engine wants a store to define anything in, though a shared memory is of none.
  const Handle<wasmtime_store_t, wasmtime_store_delete> store(
      wasmtime_store_new(engine.raw(), nullptr, nullptr));
  constexpr std::string_view kModule = "env";
  constexpr std::string_view kName = "memory";
  wasmtime_extern_t item;
  item.kind = WASMTIME_EXTERN_SHAREDMEMORY;
  item.of.sharedmemory = memory.raw();
  if (wasmtime_error_t* error =
          wasmtime_linker_define(linker, wasmtime_store_context(store.get()), kModule.data(),
                                 kModule.size(), kName.data(), kName.size(), &item)) {
    return std::unexpected(take_error(ErrorCode::internal, error));
  }
  return {};
}

}  // namespace

Result<Program> Program::link(const Engine& engine, Module module,
                              std::span<const HostFunction> functions, Start start,
                              const SharedMemory* memory) {
  const LinkerHandle linker(wasmtime_linker_new(engine.raw()));
  for (const HostFunction& function : functions) {
    const TypeHandle type = type_of(function);
    // The engine hands `env` back as it is; the trampoline only reads it.
    void* env = const_cast<HostFunction*>(&function);
    if (wasmtime_error_t* error = wasmtime_linker_define_func_unchecked(
            linker.get(), function.module.data(), function.module.size(), function.name.data(),
            function.name.size(), type.get(), trampoline, env, nullptr)) {
      return std::unexpected(take_error(ErrorCode::internal, error));
    }
  }
  if (memory != nullptr) TRY_VOID(define_memory(linker.get(), engine, *memory));
  wasmtime_instance_pre_t* pre = nullptr;
  if (wasmtime_error_t* error = wasmtime_linker_instantiate_pre(linker.get(), module.raw(), &pre)) {
    return std::unexpected(take_error(ErrorCode::module_invalid, error));
  }
  return Program(engine, std::move(module), PreHandle(pre), start, memory);
}

}  // namespace brink::wasm
