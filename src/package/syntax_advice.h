#pragma once

#include <string>
#include <string_view>

#include "package/diagnostics.h"

namespace brink::package {

/// What a parser's library found, in our words and with what to do about it: its
/// own sentences are for those who know its grammar. `found` is the library's
/// message, `text` the file's text, `at` the place that the library names. Pure.
std::string toml_advice(std::string_view found, std::string_view text, Position at);
std::string yaml_advice(std::string_view found, std::string_view text, Position at);

/// The byte of `text` at a place whose columns count characters of UTF-8; the
/// text's size where there is no such place.
std::size_t offset_of(std::string_view text, Position at);

}  // namespace brink::package
