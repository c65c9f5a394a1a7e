#include <algorithm>
#include <cstdint>
#include <span>

#include "base/check.h"
#include "module/dialect.h"
#include "module/needs.h"
#include "module/rewriter.h"

/// The reader neither crashes nor believes a length; whatever it reads comes out
/// of a rewriting without changes as it went in.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace brink::module;
  const auto bytes = std::as_bytes(std::span(data, size));
  const auto info = read_module(bytes);
  if (!info) {
    BRINK_CHECK(!info.error().message.empty());
    BRINK_CHECK(info.error().text().find('\n') == std::string::npos);
    return 0;
  }
  for (const Range& body : info->bodies) BRINK_CHECK(body.end() <= size);
  static_cast<void>(uses_wasi(*info));
  BRINK_CHECK(needs_of(*info).shared_memory.has_value() ==
              (needs_of(*info).threading == Threading::threaded));
  const auto same = rewrite(bytes, *info, {.bulk_piece = std::nullopt});
  BRINK_CHECK(same.has_value());
  BRINK_CHECK(std::ranges::equal(*same, bytes));
  return 0;
}
