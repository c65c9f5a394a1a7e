/* Prints its whole environment, one NAME=VALUE a line, in the order given. */
#include <stdio.h>

extern char** environ;

int main(void) {
  fputs("Content-Type: text/plain\n\n", stdout);
  for (char** entry = environ; *entry; ++entry) puts(*entry);
  return 0;
}
