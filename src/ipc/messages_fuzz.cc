#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "ipc/messages.h"

/// What decodes must encode to something that decodes to the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto message =
      brink::ipc::decode(std::string_view(reinterpret_cast<const char*>(data), size));
  if (!message) return 0;
  const auto again = brink::ipc::decode(brink::ipc::encode(*message));
  BRINK_CHECK(again && *again == *message);
  return 0;
}
