/* Traps with `unreachable`; ?after=head sends an answer's head first, and waits,
 * so that it has left when the trap comes. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "query.h"

int main(void) {
  if (strcmp(query("after", ""), "head") == 0) {
    fputs("Content-Type: text/plain\n\npartial", stdout);
    fflush(stdout);
    nanosleep(&(struct timespec){.tv_nsec = 1000000}, 0);
  }
  __builtin_trap();
}
