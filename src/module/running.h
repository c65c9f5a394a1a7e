#pragma once

#include <gtest/gtest.h>
#include <wasmtime.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "module/test_module.h"

namespace brink::module::testing {

struct EngineDelete {
  void operator()(wasm_engine_t* engine) const { wasm_engine_delete(engine); }
  void operator()(wasmtime_store_t* store) const { wasmtime_store_delete(store); }
};

enum class Deadlines : std::uint8_t { ignored, checked };

inline wasm_engine_t* new_engine(Deadlines deadlines) {
  wasm_config_t* config = wasm_config_new();
  wasmtime_config_epoch_interruption_set(config, deadlines == Deadlines::checked);
  return wasm_engine_new_with_config(config);
}

/// One instance of a module in a store of its own.
class Running {
 public:
  explicit Running(const Bytes& bytes, Deadlines deadlines = Deadlines::ignored)
      : engine_(new_engine(deadlines)),
        store_(wasmtime_store_new(engine_.get(), nullptr, nullptr)) {
    wasmtime_store_epoch_deadline_callback(store_.get(), on_deadline, &deadline_checks_, nullptr);
    wasmtime_module_t* module = nullptr;
    check(wasmtime_module_new(engine_.get(), reinterpret_cast<const std::uint8_t*>(bytes.data()),
                              bytes.size(), &module));
    wasm_trap_t* trap = nullptr;
    check(wasmtime_instance_new(context(), module, nullptr, 0, &instance_, &trap));
    wasmtime_module_delete(module);
  }

  /// The trap's code, or -1 for none.
  int call(const std::string& name, std::array<std::uint32_t, 3> arguments) {
    wasmtime_extern_t function;
    EXPECT_TRUE(
        wasmtime_instance_export_get(context(), &instance_, name.data(), name.size(), &function));
    std::array<wasmtime_val_t, 3> values;
    for (std::size_t i = 0; i < 3; ++i) {
      values[i].kind = WASMTIME_I32;
      values[i].of.i32 = static_cast<std::int32_t>(arguments[i]);
    }
    wasm_trap_t* trap = nullptr;
    check(wasmtime_func_call(context(), &function.of.func, values.data(), values.size(), nullptr, 0,
                             &trap));
    if (trap == nullptr) return -1;
    wasmtime_trap_code_t code = 0;
    EXPECT_TRUE(wasmtime_trap_code(trap, &code));
    wasm_trap_delete(trap);
    return code;
  }

  [[nodiscard]] int deadline_checks() const { return deadline_checks_; }

  std::string_view memory() {
    wasmtime_extern_t memory;
    EXPECT_TRUE(wasmtime_instance_export_get(context(), &instance_, "memory", 6, &memory));
    return {reinterpret_cast<char*>(wasmtime_memory_data(context(), &memory.of.memory)),
            wasmtime_memory_data_size(context(), &memory.of.memory)};
  }

  /// Which elements of the table are set, as a string of 0 and 1.
  std::string table() {
    wasmtime_extern_t table;
    EXPECT_TRUE(wasmtime_instance_export_get(context(), &instance_, "table", 5, &table));
    std::string set;
    wasmtime_val_t value;
    for (std::uint64_t i = 0; wasmtime_table_get(context(), &table.of.table, i, &value); ++i) {
      set += wasmtime_funcref_is_null(&value.of.funcref) ? '0' : '1';
    }
    return set;
  }

 private:
  wasmtime_context_t* context() { return wasmtime_store_context(store_.get()); }

  static wasmtime_error_t* on_deadline(wasmtime_context_t*, void* count, std::uint64_t* delta,
                                       wasmtime_update_deadline_kind_t* kind) noexcept {
    ++*static_cast<int*>(count);
    *delta = 0;
    *kind = WASMTIME_UPDATE_DEADLINE_CONTINUE;
    return nullptr;
  }

  static void check(wasmtime_error_t* error) {
    if (error == nullptr) return;
    wasm_name_t message;
    wasmtime_error_message(error, &message);
    ADD_FAILURE() << std::string_view(message.data, message.size);
    std::abort();
  }

  std::unique_ptr<wasm_engine_t, EngineDelete> engine_;
  std::unique_ptr<wasmtime_store_t, EngineDelete> store_;
  wasmtime_instance_t instance_{};
  int deadline_checks_ = 0;
};

}  // namespace brink::module::testing
