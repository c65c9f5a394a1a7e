#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace brink {

void check_failed(const char* condition, std::source_location where) noexcept {
  std::fprintf(stderr, "brink: internal error: %s:%u: %s does not hold\n", where.file_name(),
               static_cast<unsigned>(where.line()), condition);
  std::abort();
}

}  // namespace brink
