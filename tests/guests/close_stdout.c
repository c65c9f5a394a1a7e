/* Answers, closes its standard output, and goes on working for ?turns=N
 * million turns: the answer must be complete without waiting for the end. */
#include <stdio.h>
#include <unistd.h>

#include "query.h"

int main(void) {
  fputs("Content-Type: text/plain\n\nclosed early\n", stdout);
  fflush(stdout);
  close(STDOUT_FILENO);
  volatile unsigned turns = 0;
  const unsigned wanted = (unsigned)query_number("turns", 1) * 1000000;
  while (turns < wanted) ++turns;
  fputs("still running after the answer\n", stderr);
  return 0;
}
