/* Sends ?steps=N lines (default 5), flushed one by one, ?ms=N (default 100)
 * milliseconds apart (nanosleep is poll_oneoff in WASI). */
#include <stdio.h>
#include <time.h>

#include "query.h"

int main(void) {
  const long steps = query_number("steps", 5);
  const long ms = query_number("ms", 100);
  const struct timespec pause = {ms / 1000, ms % 1000 * 1000000};
  fputs("Content-Type: text/plain\n\n", stdout);
  for (long i = 0; i < steps; ++i) {
    printf("step %ld\n", i);
    fflush(stdout);
    nanosleep(&pause, 0);
  }
  return 0;
}
