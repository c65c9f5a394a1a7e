/* Answers with 40 KiB at once, and reads its input to the end in the same breath. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(void) {
  static char block[40960];
  const char head[] = "Content-Type: text/plain\n\n";
  memset(block, 'x', sizeof block);
  memcpy(block, head, sizeof head - 1);
  if (write(STDOUT_FILENO, block, sizeof block) != (ssize_t)sizeof block) return 1;
  while (read(STDIN_FILENO, block, sizeof block) > 0) {
  }
  return 0;
}
