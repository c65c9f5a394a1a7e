#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/result.h"
#include "base/units.h"
#include "wasm/handle.h"

struct wasm_engine_t;
extern "C" void wasm_engine_delete(wasm_engine_t*);

namespace brink::wasm {

using namespace literals;

/// How an engine will be used. What changes the generated code is the same for
/// all uses, so that an artefact of the compiler loads in every other process.
struct EngineOptions {
  enum class Use : std::uint8_t {
    compile,  ///< compiles on all cores, runs nothing
    serve,    ///< many short instances from a pool of slots
    single,   ///< one program in its own process
  };
  Use use = Use::serve;
  /// Slots of the pool: instances that may exist at once (use == serve).
  std::uint32_t instances = 256;
  /// The largest memory that any program may have (use == serve).
  ByteSize max_memory = 4_GiB;
};

/// One engine per process: settings, pool of instance slots, epoch counter.
/// Must outlive every Module, Program and Guest made with it.
class Engine {
 public:
  /// Fails with ErrorCode::resource_exhausted when the pool can't be reserved.
  static Result<Engine> create(const EngineOptions& options);

  /// Lets guests that have run for a while yield at their next check.
  /// Async-signal-safe and thread-safe.
  void increment_epoch() const noexcept;

  /// How many bytes of native stack a thread needs that runs a guest.
  [[nodiscard]] std::size_t native_stack() const noexcept { return native_stack_; }

  [[nodiscard]] wasm_engine_t* raw() const noexcept { return engine_.get(); }

  /// Names everything an artefact depends on beside the module: engine version,
  /// settings, processor features. Part of the artefact cache's key.
  static std::string fingerprint();

 private:
  using EngineHandle = Handle<wasm_engine_t, wasm_engine_delete>;
  Engine(EngineHandle engine, std::size_t native_stack)
      : engine_(std::move(engine)), native_stack_(native_stack) {}
  EngineHandle engine_;
  std::size_t native_stack_;
};

}  // namespace brink::wasm
