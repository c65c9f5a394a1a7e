/* The least a CGI program can do: one constant answer. */
#include <stdio.h>

int main(void) {
  fputs("Content-Type: text/plain\r\n\r\nHello, World!\n", stdout);
  return 0;
}
