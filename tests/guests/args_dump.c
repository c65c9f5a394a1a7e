/* Prints its arguments, one a line, each in brackets. */
#include <stdio.h>

int main(int argc, char** argv) {
  fputs("Content-Type: text/plain\n\n", stdout);
  for (int i = 0; i < argc; ++i) printf("%d [%s]\n", i, argv[i]);
  return 0;
}
