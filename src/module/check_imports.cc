#include "module/check_imports.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "base/suggest.h"
#include "module/cursor.h"

namespace brink::module {
namespace {

std::string full_name(const Import& import) {
  return fmt::format("{}.{}", printable(import.module), printable(import.name));
}

bool same(std::string_view letters, const std::vector<ValueType>& types) {
  return std::ranges::equal(letters, types, {}, {}, letter);
}

HostSignatures of_namespace(HostSignatures host, std::string_view name) {
  const auto found = std::ranges::equal_range(host, name, {}, &HostSignature::module);
  return {found.begin(), found.end()};
}

std::unexpected<Error> unknown_namespace(const Import& import, HostSignatures host) {
  std::vector<std::string_view> names;
  for (const HostSignature& signature : host) {
    if (names.empty() || names.back() != signature.module) names.push_back(signature.module);
  }
  const std::string_view similar = suggest(import.module, names);
  std::string remedy;
  if (!similar.empty()) {
    remedy = fmt::format("did you mean {}?", similar);
  } else if (import.module == "env") {
    remedy = "a symbol was left undefined at link time: link the library that defines it";
  } else if (import.module.starts_with("wasi:")) {
    remedy = "this belongs to WASI 0.2 or later: build for wasm32-wasip1";
  } else if (import.module.starts_with("__wbindgen") || import.module == "wbg") {
    remedy = "this was built for a browser: build for wasm32-wasip1 without wasm-bindgen";
  } else if (import.module == "go" || import.module == "gojs") {
    remedy = "this was built for a browser: build with GOOS=wasip1 GOARCH=wasm";
  } else if (names.empty()) {
    remedy = "build it without imports";
  } else {
    remedy = fmt::format("brink offers functions of {} only", fmt::join(names, ", "));
  }
  return fail(ErrorCode::module_invalid,
              fmt::format("the module imports {}, and there is nothing called {}",
                          full_name(import), printable(import.module)),
              std::move(remedy));
}

std::unexpected<Error> unknown_function(const Import& import, const FunctionType* type,
                                        HostSignatures offered) {
  std::vector<std::string_view> names;
  for (const HostSignature& signature : offered) names.push_back(signature.name);
  const std::string_view similar = suggest(import.name, names);
  const std::string signature =
      type == nullptr ? std::string("of unknown type") : signature_text(*type);
  return fail(ErrorCode::module_invalid,
              fmt::format("the module imports {} {}, which brink does not have", full_name(import),
                          signature),
              similar.empty() ? std::string("rebuild it without what needs this function")
                              : fmt::format("did you mean {}?", similar));
}

Result<void> check_function(const Import& import, const FunctionType* type, HostSignatures host) {
  const HostSignatures offered = of_namespace(host, import.module);
  if (offered.empty()) return unknown_namespace(import, host);
  const auto found =
      std::ranges::lower_bound(offered, std::string_view(import.name), {}, &HostSignature::name);
  if (found == offered.end() || found->name != import.name) {
    return unknown_function(import, type, offered);
  }
  if (type != nullptr && same(found->parameters, type->parameters) &&
      same(found->results, type->results)) {
    return {};
  }
  return fail(
      ErrorCode::module_invalid,
      fmt::format("the module imports {} as {}; its type is {}", full_name(import),
                  type == nullptr ? std::string("something unknown") : signature_text(*type),
                  signature_text(found->parameters, found->results)),
      "rebuild it with a current SDK, or correct the declaration of this import");
}

/// What a program linked dynamically imports beside functions: its place in a
/// memory and a table that it shares with libraries (tool conventions, dynamic
/// linking).
bool is_dynamic(const Import& import) {
  constexpr std::array<std::string_view, 6> kNames = {
      "__indirect_function_table", "__stack_pointer", "__memory_base", "__table_base",
      "__cpp_exception",           "__c_longjmp"};
  return import.module.starts_with("GOT.") ||
         (import.module == "env" && std::ranges::find(kNames, import.name) != kNames.end());
}

Result<void> check_memory(const Import& import) {
  if (import.module == "env" && import.name == "memory") return {};
  return fail(ErrorCode::module_invalid,
              fmt::format("the module imports its memory as {}; brink offers one as env.memory",
                          full_name(import)),
              "link it with --import-memory=env,memory, or without --import-memory");
}

std::unexpected<Error> not_offered(const Import& import) {
  if (is_dynamic(import)) {
    return fail(ErrorCode::module_invalid,
                fmt::format("the module is linked dynamically: it imports {} ({}), and brink loads "
                            "no libraries",
                            full_name(import), with_article(import.kind)),
                "link it statically: without -pie, -fPIC and -shared");
  }
  return fail(ErrorCode::module_invalid,
              fmt::format("the module imports {} ({}); brink offers functions and a memory only",
                          with_article(import.kind), full_name(import)),
              "link it statically, as a program and not as a shared library");
}

}  // namespace

Result<void> check_imports(const ModuleInfo& info, HostSignatures host) {
  for (const Import& import : info.imports) {
    switch (import.kind) {
      case ExternKind::function:
        TRY_VOID(check_function(import, info.function_type(import.index), host));
        break;
      case ExternKind::memory:
        TRY_VOID(check_memory(import));
        break;
      default:
        return not_offered(import);
    }
  }
  return {};
}

}  // namespace brink::module
