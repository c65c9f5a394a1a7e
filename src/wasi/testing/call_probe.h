#pragma once

#include <string_view>

#include "wasm/host_call.h"

namespace brink::wasi::testing {

/// For the check that every call has a test that would notice if it did nothing
/// (tests/call_mutation_test.py).
///
/// The call to make in place of `function`: the function itself, or one that only
/// returns a number, where BRINK_BREAK_CALL is "name=number". Notes the name in the
/// file BRINK_CALL_LOG, if that is set.
const wasm::HostFunction& probe(const wasm::HostFunction& function);

/// Adds a line to the file BRINK_CALL_LOG, if that is set.
void log_line(std::string_view kind, std::string_view text);

}  // namespace brink::wasi::testing
