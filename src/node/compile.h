#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

#include "base/result.h"
#include "base/unique_fd.h"
#include "compiler/compiler.h"
#include "node/artefact_store.h"

namespace brink::node {

enum class KeepGoing : std::uint8_t { yes, no };

/// Called some ten times a second while a compiler runs, with the time it has
/// taken so far; its answer can put an end to it.
using CompileProgress = std::function<KeepGoing(Duration)>;

/// The artefact of a module: from the store, or made by a compiler process and
/// kept. Blocks for as long as that takes, at most four times job.cpu_time.
/// `module` is a descriptor of the file whose content `wasm` is. Errors: module_invalid with what
/// is wrong with it, compile_failed when the compiler did not survive it, draining when `progress`
/// has ended it.
Result<UniqueFd> get_artefact(ArtefactStore& store, std::span<const std::byte> wasm, int module,
                              const compiler::CompileJob& job, const CompileProgress& progress);

}  // namespace brink::node
