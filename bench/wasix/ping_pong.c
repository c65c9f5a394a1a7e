/* Nanoseconds for a round trip of two threads that wake each other. */
#include "threads.h"

enum { ROUNDS = 100000 };
static volatile uint32_t turn;

static void answer(void) {
  for (int i = 0; i < ROUNDS; ++i) {
    wait_while(&turn, 0);
    __atomic_store_n(&turn, 0, __ATOMIC_RELEASE);
    wake(&turn);
  }
}

int main(void) {
  start_thread(answer);
  const uint64_t begin = now_ns();
  for (int i = 0; i < ROUNDS; ++i) {
    __atomic_store_n(&turn, 1, __ATOMIC_RELEASE);
    wake(&turn);
    wait_while(&turn, 1);
  }
  print_number((now_ns() - begin) / ROUNDS);
  join_thread();
  return 0;
}
