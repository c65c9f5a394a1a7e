#include "wasm/engine_error.h"

#include <wasmtime.h>

#include <array>

#include "base/check.h"

namespace brink::wasm {
namespace {

std::string text_of(const wasm_byte_vec_t& bytes) {
  std::string_view text(bytes.data, bytes.size);
  while (!text.empty() && text.back() == '\0') text.remove_suffix(1);
  return std::string(text);
}

std::string message_of(const wasmtime_error_t* error) {
  wasm_byte_vec_t bytes;
  wasmtime_error_message(error, &bytes);
  std::string text = text_of(bytes);
  wasm_byte_vec_delete(&bytes);
  // One line: causes follow one another.
  for (char& c : text) {
    if (c == '\n') c = ' ';
  }
  return text;
}

std::string_view trap_name(wasmtime_trap_code_t code) {
  switch (code) {
    case WASMTIME_TRAP_CODE_STACK_OVERFLOW:
      return "call stack exhausted";
    case WASMTIME_TRAP_CODE_MEMORY_OUT_OF_BOUNDS:
      return "out of bounds memory access";
    case WASMTIME_TRAP_CODE_HEAP_MISALIGNED:
      return "unaligned atomic";
    case WASMTIME_TRAP_CODE_TABLE_OUT_OF_BOUNDS:
      return "out of bounds table access";
    case WASMTIME_TRAP_CODE_INDIRECT_CALL_TO_NULL:
      return "call through a null function pointer";
    case WASMTIME_TRAP_CODE_BAD_SIGNATURE:
      return "indirect call of a function with another type";
    case WASMTIME_TRAP_CODE_INTEGER_OVERFLOW:
      return "integer overflow";
    case WASMTIME_TRAP_CODE_INTEGER_DIVISION_BY_ZERO:
      return "integer division by zero";
    case WASMTIME_TRAP_CODE_BAD_CONVERSION_TO_INTEGER:
      return "invalid conversion to integer";
    case WASMTIME_TRAP_CODE_UNREACHABLE_CODE_REACHED:
      return "unreachable code reached (abort or panic)";
    case WASMTIME_TRAP_CODE_INTERRUPT:
      return "interrupted";
    case WASMTIME_TRAP_CODE_ATOMIC_WAIT_NON_SHARED_MEMORY:
      return "atomic wait on memory that is not shared";
    case WASMTIME_TRAP_CODE_NULL_REFERENCE:
      return "null reference";
    case WASMTIME_TRAP_CODE_ALLOCATION_TOO_LARGE:
      return "allocation too large";
    default:
      return {};
  }
}

std::string backtrace_of(wasm_frame_vec_t& frames) {
  std::string text;
  for (std::size_t i = 0; i < frames.size; ++i) {
    const wasm_frame_t* frame = frames.data[i];
    const wasm_name_t* name = wasmtime_frame_func_name(frame);
    text += "  " + std::to_string(i) + ": ";
    text += name != nullptr ? text_of(*name)
                            : "function " + std::to_string(wasm_frame_func_index(frame));
    std::array<char, 32> offset{};
    const int length =
        std::snprintf(offset.data(), offset.size(), " at 0x%zx\n", wasm_frame_module_offset(frame));
    text.append(offset.data(), static_cast<std::size_t>(length));
  }
  wasm_frame_vec_delete(&frames);
  return text;
}

}  // namespace

Error take_error(ErrorCode code, wasmtime_error* error) {
  Error result{code, message_of(error), {}};
  wasmtime_error_delete(error);
  return result;
}

TrapReport take_trap(wasm_trap_t* trap, wasmtime_error* error) {
  BRINK_CHECK((trap != nullptr) != (error != nullptr));
  TrapReport report;
  wasm_frame_vec_t frames;
  if (error != nullptr) {
    report.name = message_of(error);
    wasmtime_error_wasm_trace(error, &frames);
    report.backtrace = backtrace_of(frames);
    wasmtime_error_delete(error);
    return report;
  }
  wasmtime_trap_code_t code{};
  if (wasmtime_trap_code(trap, &code)) {
    report.name = trap_name(code);
    if (code == WASMTIME_TRAP_CODE_STACK_OVERFLOW) report.kind = TrapReport::Kind::stack_overflow;
  }
  if (report.name.empty()) {
    wasm_byte_vec_t bytes;
    wasm_trap_message(trap, &bytes);
    report.name = text_of(bytes);
    wasm_byte_vec_delete(&bytes);
  }
  wasm_trap_trace(trap, &frames);
  report.backtrace = backtrace_of(frames);
  wasm_trap_delete(trap);
  return report;
}

}  // namespace brink::wasm
