/* Answers before it reads its input, and then, unless ?read=0, counts it. */
#include <stdio.h>
#include <unistd.h>

#include "query.h"

int main(void) {
  fputs("Content-Type: text/plain\n\nanswered first\n", stdout);
  fflush(stdout);
  if (!query_number("read", 1)) return 0;
  char block[4096];
  long total = 0;
  for (ssize_t got; (got = read(STDIN_FILENO, block, sizeof block)) > 0;) total += got;
  printf("%ld bytes read\n", total);
  return 0;
}
