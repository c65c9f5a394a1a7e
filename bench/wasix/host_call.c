/* Picoseconds per call that cannot block. */
#include "sys.h"

int main(void) {
  enum { CALLS = 20000000 };
  const uint64_t begin = now_ns();
  for (int i = 0; i < CALLS; ++i) {
#ifdef __wasm__
    u32 id = 0;
    expect(wasix_thread_id(&id) == 0);
#else
    expect(getppid() >= 0);
#endif
  }
  print_number((now_ns() - begin) * 1000 / CALLS);
  return 0;
}
