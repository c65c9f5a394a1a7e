#pragma once

#include "package/config_reader.h"
#include "package/wasmer_toml.h"

namespace brink::package {

/// Reads `annotations` of one [[command]] into `command`: the tables `wasi`, `wcgi`
/// and `emscripten`, in place or in the JSON or YAML file that `{ file, kind }`
/// names. Errors go to the reader's diagnostics.
void read_annotations(MapReader& command_reader, const AnnotationFile& annotation_file,
                      ManifestCommand& command);

}  // namespace brink::package
