/* Opens /tmp/many up to ?count=N times (default 10,000) without closing, then
 * says how often that worked and why it ended. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "query.h"

int main(void) {
  const long count = query_number("count", 10000);
  long opened = 0;
  errno = 0;
  while (opened < count && open("/tmp/many", O_CREAT | O_RDWR, 0600) >= 0) ++opened;
  printf("Content-Type: text/plain\n\n%ld open; %s\n", opened,
         opened < count ? strerror(errno) : "all");
  return 0;
}
