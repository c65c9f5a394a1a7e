/* Traps with `unreachable`; ?after=head sends an answer's head first. */
#include <stdio.h>
#include <string.h>

#include "query.h"

int main(void) {
  if (strcmp(query("after", ""), "head") == 0) {
    fputs("Content-Type: text/plain\n\npartial", stdout);
    fflush(stdout);
  }
  __builtin_trap();
}
