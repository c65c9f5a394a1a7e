#include "module/dialect.h"

namespace brink::module {

Dialect dialect_of(const ModuleInfo& info) {
  if (info.imports_from("wasix_32v1") || info.imports_from("wasix_64v1") ||
      info.imports_from("wasi") || info.imports_shared_memory()) {
    return Dialect::wasix;
  }
  // A module linked from old and new objects imports both names; the newer libc
  // is the one that does the start-up, so the newer rules hold.
  if (info.imports_from("wasi_unstable") && !info.imports_from("wasi_snapshot_preview1")) {
    return Dialect::unstable;
  }
  return Dialect::preview1;
}

std::string_view name_of(Dialect dialect) {
  switch (dialect) {
    case Dialect::preview1:
      return "preview1";
    case Dialect::unstable:
      return "unstable";
    case Dialect::wasix:
      break;
  }
  return "wasix";
}

bool uses_wasi(const ModuleInfo& info) {
  return info.imports_from("wasi_snapshot_preview1") || info.imports_from("wasi_unstable") ||
         dialect_of(info) == Dialect::wasix;
}

}  // namespace brink::module
