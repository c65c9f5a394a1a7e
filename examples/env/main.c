/* Prints all that brink tells a program about a request, sorted by name. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern char** environ;

static int by_name(const void* left, const void* right) {
  return strcmp(*(char* const*)left, *(char* const*)right);
}

int main(int argc, char** argv) {
  size_t count = 0;
  while (environ[count]) ++count;
  qsort(environ, count, sizeof *environ, by_name);
  puts("Content-Type: text/plain; charset=utf-8\r\n\r");
  for (size_t i = 0; i < count; ++i) puts(environ[i]);
  for (int i = 0; i < argc; ++i) printf("argument %d: %s\n", i, argv[i]);
  return 0;
}
