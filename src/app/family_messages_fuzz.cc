#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "app/family_messages.h"

/// Whatever decodes can be encoded again, to the same bytes.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  (void)brink::app::decode_family_reply(bytes);
  const auto request = brink::app::decode_family_request(bytes);
  if (!request) return 0;
  if (!brink::app::decode_family_request(brink::app::encode(*request))) std::abort();
  return 0;
}
