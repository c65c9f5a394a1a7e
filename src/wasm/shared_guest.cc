#include "wasm/shared_guest.h"

#include <unistd.h>
#include <wasmtime.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string_view>
#include <thread>

#include "wasm/fork_guard.h"

namespace brink::wasm::testing {
namespace {

void must(wasmtime_error_t* error) {
  if (error == nullptr) return;
  wasm_name_t message;
  wasmtime_error_message(error, &message);
  std::fprintf(stderr, "%.*s\n", static_cast<int>(message.size), message.data);
  std::abort();
}

std::string module_bytes() {
  std::ifstream file(BRINK_GUEST_DIR "/shared_threads.wasm", std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

Handle<wasmtime_module_t, wasmtime_module_delete> load(const Engine& engine,
                                                       const std::vector<std::uint8_t>& artefact) {
  wasmtime_module_t* module = nullptr;
  must(wasmtime_module_deserialize(engine.raw(), artefact.data(), artefact.size(), &module));
  return Handle<wasmtime_module_t, wasmtime_module_delete>(module);
}

wasm_trap_t* on_fork(void* env, wasmtime_caller_t* /*caller*/, const wasmtime_val_t* /*arguments*/,
                     std::size_t /*count*/, wasmtime_val_t* results, std::size_t /*count*/) {
  results[0].kind = WASMTIME_I32;
  results[0].of.i32 = static_cast<const SharedGuest*>(env)->fork_process();
  return nullptr;
}

wasm_trap_t* on_spawn(void* env, wasmtime_caller_t* /*caller*/, const wasmtime_val_t* /*arguments*/,
                      std::size_t /*count*/, wasmtime_val_t* results, std::size_t /*count*/) {
  std::int32_t result = SharedInstance::kTrapped;
  std::thread([&] {
    SharedInstance instance(*static_cast<const SharedGuest*>(env));
    result = instance.call("add", 1);
  }).join();
  results[0].kind = WASMTIME_I32;
  results[0].of.i32 = result == SharedInstance::kTrapped ? 1 : 0;
  return nullptr;
}

template <class T>
T or_end(Result<T> result) {
  if (result) return *std::move(result);
  std::fprintf(stderr, "%s\n", result.error().text().c_str());
  std::abort();
}

/// A memory as the module imports it, but with half its maximum: a smaller one than
/// declared will do.
SharedMemory new_memory(const Engine& engine, const wasmtime_module_t* module) {
  wasm_importtype_vec_t imports;
  wasmtime_module_imports(module, &imports);
  std::uint64_t minimum = 0;
  std::uint64_t maximum = 0;
  for (std::size_t i = 0; i < imports.size; ++i) {
    const wasm_externtype_t* type = wasm_importtype_type(imports.data[i]);
    const auto* memory = wasm_externtype_as_memorytype_const(type);
    if (memory == nullptr) continue;
    minimum = wasmtime_memorytype_minimum(memory);
    wasmtime_memorytype_maximum(memory, &maximum);
  }
  wasm_importtype_vec_delete(&imports);

  return or_end(SharedMemory::create(engine, static_cast<std::uint32_t>(minimum),
                                     static_cast<std::uint32_t>(maximum / 2)));
}

}  // namespace

SharedGuest::SharedGuest(const EngineOptions& options, Fork fork)
    : engine_(or_end(Engine::create(options))), fork_(fork) {
  const std::string wasm = module_bytes();
  wasm_byte_vec_t compiled;
  must(wasmtime_engine_precompile_module(
      engine_.raw(), reinterpret_cast<const std::uint8_t*>(wasm.data()), wasm.size(), &compiled));
  artefact_.assign(compiled.data, compiled.data + compiled.size);
  wasm_byte_vec_delete(&compiled);
  link();
  SharedInstance first(*this);  // its start function fills the memory
}

void SharedGuest::link() {
  const auto module = load(engine_, artefact_);
  memory_.emplace(new_memory(engine_, module.get()));
  const Handle<wasmtime_store_t, wasmtime_store_delete> store(
      wasmtime_store_new(engine_.raw(), nullptr, nullptr));
  const Handle<wasmtime_linker_t, wasmtime_linker_delete> linker(
      wasmtime_linker_new(engine_.raw()));
  wasmtime_extern_t memory;
  memory.kind = WASMTIME_EXTERN_SHAREDMEMORY;
  memory.of.sharedmemory = memory_->raw();
  must(wasmtime_linker_define(linker.get(), wasmtime_store_context(store.get()), "env", 3, "memory",
                              6, &memory));
  const Handle<wasm_functype_t, wasm_functype_delete> type(
      wasm_functype_new_0_1(wasm_valtype_new_i32()));
  must(wasmtime_linker_define_func(linker.get(), "host", 4, "fork", 4, type.get(), on_fork, this,
                                   nullptr));
  must(wasmtime_linker_define_func(linker.get(), "host", 4, "spawn", 5, type.get(), on_spawn, this,
                                   nullptr));
  must(wasmtime_linker_instantiate_pre(linker.get(), module.get(), &pre_));
}

SharedGuest::~SharedGuest() { wasmtime_instance_pre_delete(pre_); }

void SharedGuest::load_again() const { load(engine_, artefact_); }

int SharedGuest::fork_process() const {
  if (fork_ == Fork::bare) return ::fork();
  ForkGuard guard(engine_, &*memory_);
  const pid_t child = ::fork();
  if (child == 0) guard.child();
  return child;
}

struct SharedInstance::Impl {
  Handle<wasmtime_store_t, wasmtime_store_delete> store;
  wasmtime_instance_t instance{};
};

SharedInstance::SharedInstance(const SharedGuest& guest) : impl_(new Impl) {
  impl_->store.reset(wasmtime_store_new(guest.engine().raw(), nullptr, nullptr));
  wasmtime_context_t* context = wasmtime_store_context(impl_->store.get());
  wasmtime_context_set_epoch_deadline(context, 1'000'000);
  wasm_trap_t* trap = nullptr;
  must(wasmtime_instance_pre_instantiate(guest.pre(), context, &impl_->instance, &trap));
  if (trap != nullptr) std::abort();
}

SharedInstance::~SharedInstance() { delete impl_; }

std::int32_t SharedInstance::call(const std::string& name, std::int32_t argument) {
  wasmtime_context_t* context = wasmtime_store_context(impl_->store.get());
  wasmtime_extern_t function;
  if (!wasmtime_instance_export_get(context, &impl_->instance, name.data(), name.size(),
                                    &function)) {
    std::abort();
  }
  wasmtime_val_t in;
  in.kind = WASMTIME_I32;
  in.of.i32 = argument;
  wasmtime_val_t out;
  wasm_trap_t* trap = nullptr;
  must(wasmtime_func_call(context, &function.of.func, &in, 1, &out, 1, &trap));
  if (trap == nullptr) return out.of.i32;
  wasm_trap_delete(trap);
  return kTrapped;
}

}  // namespace brink::wasm::testing
