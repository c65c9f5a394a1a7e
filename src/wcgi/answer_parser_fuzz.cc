#include "wcgi/fuzz_support.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return brink::wcgi::fuzz_parser<brink::wcgi::AnswerParser>(data, size);
}
