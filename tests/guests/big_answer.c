/* Streams ?kib=N KiB (default 1024) in writes of 64 KiB. */
#include <stdio.h>
#include <unistd.h>

#include "query.h"

int main(void) {
  static char block[65536];
  memset(block, 'x', sizeof block);
  long left = query_number("kib", 1024) * 1024;
  char head[96];
  const int size = snprintf(
      head, sizeof head, "Content-Type: application/octet-stream\nContent-Length: %ld\n\n", left);
  if (write(STDOUT_FILENO, head, (size_t)size) != size) return 1;
  while (left > 0) {
    const ssize_t written =
        write(STDOUT_FILENO, block, left < (long)sizeof block ? (size_t)left : sizeof block);
    if (written <= 0) return 2;
    left -= written;
  }
  return 0;
}
