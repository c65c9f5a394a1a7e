#pragma once

#include "package/config_reader.h"

namespace brink::package {

/// Reads the sections of wasmer.io/App.v0 that `brink run` does not act on: checks
/// their keys and the types of their values, and leaves one warning for each that
/// asks for something. `top` is the whole file, `capabilities` its map of that
/// name, or nothing.
void read_sections_without_effect(MapReader& top, std::optional<MapReader>& capabilities);

}  // namespace brink::package
