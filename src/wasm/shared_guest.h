#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "wasm/engine.h"
#include "wasm/shared_memory.h"

struct wasmtime_instance_pre;
struct wasmtime_store;
struct wasmtime_context;

namespace brink::wasm::testing {

/// tests/guests/shared_threads.wasm with its memory, for tests: instances of it can
/// be made in any thread. Ends the test program when something cannot be made.
class SharedGuest {
 public:
  enum class Fork : std::uint8_t { guarded, bare };

  SharedGuest(const EngineOptions& options, Fork fork);
  SharedGuest(const SharedGuest&) = delete;
  SharedGuest& operator=(const SharedGuest&) = delete;
  ~SharedGuest();

  /// Loads the module once more, and drops it: registers code and types.
  void load_again() const;

  /// What the guest's host.fork does.
  [[nodiscard]] int fork_process() const;

  [[nodiscard]] const Engine& engine() const { return engine_; }
  [[nodiscard]] const wasmtime_instance_pre* pre() const { return pre_; }

 private:
  void link();

  Engine engine_;
  Fork fork_;
  std::vector<std::uint8_t> artefact_;
  std::optional<SharedMemory> memory_;
  wasmtime_instance_pre* pre_ = nullptr;
};

/// One instance, of one thread.
class SharedInstance {
 public:
  static constexpr std::int32_t kTrapped = -1000;

  explicit SharedInstance(const SharedGuest& guest);
  SharedInstance(const SharedInstance&) = delete;
  SharedInstance& operator=(const SharedInstance&) = delete;
  ~SharedInstance();

  /// The result of an exported function, or kTrapped.
  std::int32_t call(const std::string& name, std::int32_t argument);

 private:
  struct Impl;
  Impl* impl_;
};

}  // namespace brink::wasm::testing
