/* Counts in a global, on the heap and in /tmp. In a fresh instance each of them
 * starts anew: every answer must be "1 1 1". */
#include <stdio.h>
#include <stdlib.h>

static int global_count;

int main(void) {
  /* volatile: reading what malloc gave is meant, and not for the optimiser. */
  volatile int* heap = malloc(1 << 16);
  int in_file = 0;
  FILE* file = fopen("/tmp/count", "r");
  if (file) {
    if (fscanf(file, "%d", &in_file) != 1) in_file = -100;
    fclose(file);
  }
  file = fopen("/tmp/count", "w");
  if (file) {
    fprintf(file, "%d", in_file + 1);
    fclose(file);
  }
  const int dirty = heap[1 << 10] != 0;
  heap[1 << 10] = 1;
  printf("Content-Type: text/plain\n\n%d %d %d\n", ++global_count, dirty + 1, in_file + 1);
  return 0;
}
