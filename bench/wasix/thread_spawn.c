/* Nanoseconds to start a thread that does nothing and wait for its end. */
#include "threads.h"

static void nothing(void) {}

int main(void) {
  enum { TIMES = 3000 };
  for (int i = 0; i < 100; ++i) {
    start_thread(nothing);
    join_thread();
  }
  const uint64_t begin = now_ns();
  for (int i = 0; i < TIMES; ++i) {
    start_thread(nothing);
    join_thread();
  }
  print_number((now_ns() - begin) / TIMES);
  return 0;
}
