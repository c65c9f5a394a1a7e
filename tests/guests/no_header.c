/* Prints a page, but no header in front of it. */
#include <stdio.h>

int main(void) {
  fputs("<p>just a body</p>\n", stdout);
  return 0;
}
