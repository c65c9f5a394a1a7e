/* Sends its standard input back as it comes, never holding more than 4 KiB. */
#include <stdio.h>
#include <unistd.h>

#include "query.h"

static int write_all(const char* data, ssize_t size) {
  while (size > 0) {
    const ssize_t written = write(STDOUT_FILENO, data, (size_t)size);
    if (written <= 0) return 0;
    data += written;
    size -= written;
  }
  return 1;
}

int main(void) {
  char block[4096];
  const char* type = getenv("CONTENT_TYPE");
  const int head = snprintf(block, sizeof block, "Content-Type: %s\nX-Length: %s\n\n",
                            type ? type : "application/octet-stream",
                            getenv("CONTENT_LENGTH") ? getenv("CONTENT_LENGTH") : "none");
  if (head < 0 || head >= (int)sizeof block || !write_all(block, head)) return 1;
  for (;;) {
    const ssize_t got = read(STDIN_FILENO, block, sizeof block);
    if (got < 0) return 2;
    if (got == 0) return 0;
    if (!write_all(block, got)) return 3;
  }
}
