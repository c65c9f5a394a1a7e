/* Prints the bytes of ?text= as its whole standard output: any CGI answer that
 * a test can think of. */
#include <stdio.h>

#include "query.h"

int main(void) {
  fputs(query("text", ""), stdout);
  return 0;
}
