/* Answers with a local redirect to ?to= (percent-encoded, so that it may hold a
 * query of its own), after ?ms= milliseconds, and prints ?kib= KiB behind it. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "query.h"

int main(void) {
  const long ms = query_number("ms", 0);
  const struct timespec pause = {ms / 1000, ms % 1000 * 1000000};
  if (ms > 0) {
    fputs("on the way\n", stderr);
    nanosleep(&pause, 0);
  }
  const char* to = query("to", "");
  if (*to == '\0') {
    const char* note = getenv("HTTP_X_NOTE");
    printf("Content-Type: text/plain\n\nend of the way, %s\n", note ? note : "no note");
    return 0;
  }
  printf("Location: %s\n\n", to);
  for (long left = query_number("kib", 0); left > 0; --left) printf("%1024s", "");
  return 0;
}
