/* Grows and fills its memory until it is refused or ?mib=N is reached, then
 * says how much it got: a program must be able to survive the limit. */
#include <stdio.h>

#include "query.h"

int main(void) {
  const long wanted = query_number("mib", 4095);
  long got = 0;
  for (; got < wanted; ++got) {
    char* block = malloc(1 << 20);
    if (!block) break;
    memset(block, (int)got + 1, 1 << 20);
    __asm__ volatile("" : : "r"(block) : "memory");
  }
  printf("Content-Type: text/plain\n\n%ld MiB\n", got);
  return 0;
}
