/* Leaves with ?code=N (default 3): before its answer, or with ?answer=1 after it. */
#include <stdio.h>

#include "query.h"

int main(void) {
  if (query_number("answer", 0)) fputs("Content-Type: text/plain\n\nanswered\n", stdout);
  fputs("leaving early\n", stderr);
  fflush(stdout);
  exit((int)query_number("code", 3));
}
