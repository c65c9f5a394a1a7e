/* Computes for about ?us=N microseconds of its own clock (default 1000). */
#include <stdio.h>
#include <time.h>

#include "query.h"

static long long now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000000000ll + now.tv_nsec;
}

int main(void) {
  const long long end = now_ns() + query_number("us", 1000) * 1000;
  volatile unsigned turns = 0;
  do {
    for (int i = 0; i < 2000; ++i) ++turns;
  } while (now_ns() < end);
  fputs("Content-Type: text/plain\n\nworked\n", stdout);
  return 0;
}
