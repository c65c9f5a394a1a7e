/* 100 MB of header fields (?mb=N), and never the empty line. */
#include <stdio.h>

#include "query.h"

int main(void) {
  const long fields = query_number("mb", 100) * 1000 * 1000 / 100;
  for (long i = 0; i < fields; ++i) {
    printf("X-Field-%08ld: %.*s\n", i, 80,
           "0123456789012345678901234567890123456789012345678901234567890123456789012345678901");
  }
  return 0;
}
