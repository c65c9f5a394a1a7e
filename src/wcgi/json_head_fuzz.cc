#include "wcgi/fuzz_support.h"
#include "wcgi/json_dialect.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return brink::wcgi::fuzz_parser<brink::wcgi::JsonHeadParser>(data, size);
}
