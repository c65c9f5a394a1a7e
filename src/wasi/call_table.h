#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "wasm/host_call.h"

namespace brink::wasi {

/// How much programs need a call, by what real ones import.
enum class Priority : std::uint8_t {
  p0,  ///< a plain server, at its start or while it serves
  p1,  ///< threads, asynchronous runtimes, interpreters
  p2,  ///< shells, processes
  p3,  ///< exotic
};

enum class Support : std::uint8_t {
  works,
  limited,      ///< the note says how
  not_offered,  ///< answers with the documented error number; the note says why
};

/// The import modules that offer a call: bits.
namespace offered {
inline constexpr std::uint8_t preview1 = 1;  ///< wasi_snapshot_preview1
inline constexpr std::uint8_t wasix = 2;     ///< wasix_32v1
inline constexpr std::uint8_t threads = 4;   ///< wasi
inline constexpr std::uint8_t unstable = 8;  ///< wasi_unstable
}  // namespace offered

/// One host call, under all names of modules by which programs import it.
struct CallRow {
  enum class Waits : std::uint8_t { never, may };

  std::uint8_t modules;  ///< offered:: bits
  Priority priority;
  Support support;
  std::string_view note;  ///< what it does, in a few words, and how it is limited
  Waits waits;
  wasm::HostFunction function;  ///< its module is empty: `modules` says which
};

/// All rows, grouped by what they are about: what programs are linked with, what
/// modules are checked against, and what docs/wasix.md lists.
std::span<const CallRow> call_table();

/// The table as the engine's linker takes it: one entry per name and module,
/// sorted by both. HostCall::host must point to the guest's Process. Lives as
/// long as the program.
std::span<const wasm::HostFunction> host_functions();

}  // namespace brink::wasi
