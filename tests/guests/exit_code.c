/* Leaves with ?code=N (default 3): before its answer, or with ?answer=1 after it;
 * with ?quiet=1 without a word on standard error. */
#include <stdio.h>

#include "query.h"

int main(void) {
  if (query_number("answer", 0)) fputs("Content-Type: text/plain\n\nanswered\n", stdout);
  if (!query_number("quiet", 0)) fputs("leaving early\n", stderr);
  fflush(stdout);
  exit((int)query_number("code", 3));
}
