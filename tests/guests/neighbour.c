/* A bad neighbour: ?do=spin, ?do=copy (moves 64 MiB about for ever), or ?do=burst
 * (writes 64 MiB at once), until a limit ends it; ?do=hello is the one who lives
 * next door. */
#include <stdio.h>
#include <unistd.h>

#include "query.h"

enum { kSize = 64 << 20 };

int main(void) {
  const char* what = query("do", "spin");
  if (strcmp(what, "spin") == 0) {
    for (volatile unsigned turns = 0;;) ++turns;
  }
  if (strcmp(what, "hello") == 0) {
    fputs("Content-Type: text/plain\n\nHello, World!\n", stdout);
    return 0;
  }
  char* memory = malloc(kSize);
  if (!memory) return 1;
  memset(memory, 'x', kSize);
  if (strcmp(what, "copy") == 0) {
    for (;;) {
      memmove(memory, memory + kSize / 2, kSize / 2);
      __asm__ volatile("" : : "r"(memory) : "memory");
    }
  }
  fputs("Content-Type: text/plain\n\n", stdout);
  fflush(stdout);
  for (long sent = 0; sent < kSize;) {
    const ssize_t written = write(STDOUT_FILENO, memory + sent, (size_t)(kSize - sent));
    if (written <= 0) return 2;
    sent += written;
  }
  return 0;
}
