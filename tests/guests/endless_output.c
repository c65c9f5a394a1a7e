/* Answers for ever, a line of 64 bytes at a time, 4 KiB per write. */
#include <stdio.h>
#include <string.h>

int main(void) {
  char block[4096];
  memset(block, 'x', sizeof block);
  for (size_t i = 63; i < sizeof block; i += 64) block[i] = '\n';
  fputs("Content-Type: text/plain\n\n", stdout);
  while (fwrite(block, 1, sizeof block, stdout) == sizeof block) {
  }
  return 1;
}
