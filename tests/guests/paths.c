/* Redirects locally, by PATH_INFO: /loop to itself; /slow, after a second, to
 * /slow2, and that after another to /kept; /kept says what X-Kept holds; /spin
 * computes for ever; anything else is just answered. */
#include <stdio.h>
#include <time.h>

#include "query.h"

int main(void) {
  const char* path = getenv("PATH_INFO");
  const struct timespec second = {1, 0};
  if (!path) return 1;
  if (strcmp(path, "/spin") == 0) {
    for (volatile unsigned turns = 0;; ++turns) {
    }
  }
  if (strncmp(path, "/slow", 5) == 0) nanosleep(&second, 0);
  if (strcmp(path, "/loop") == 0) {
    fputs("Location: /loop\n\n", stdout);
  } else if (strcmp(path, "/slow") == 0) {
    fputs("Location: /slow2\n\n", stdout);
  } else if (strcmp(path, "/slow2") == 0) {
    fputs("Location: /kept\n\n", stdout);
  } else {
    const char* kept = getenv("HTTP_X_KEPT");
    printf("Content-Type: text/plain\n\nkept: %s\n", kept ? kept : "");
  }
  return 0;
}
