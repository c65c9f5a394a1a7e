/* CGI in one page of C: the request is in the environment, the answer goes to
 * standard output. brink runs main() in a brand-new instance per request. */
#include <stdio.h>
#include <stdlib.h>

static const char* variable(const char* name) {
  const char* value = getenv(name);
  return value ? value : "";
}

int main(void) {
  printf("Content-Type: text/plain; charset=utf-8\r\n\r\n");
  printf("Hello, World!\n\n");
  printf("You asked for %s %s%s%s.\n", variable("REQUEST_METHOD"), variable("PATH_INFO"),
         *variable("QUERY_STRING") ? "?" : "", variable("QUERY_STRING"));
  printf("You are %s and speak %s.\n", variable("REMOTE_ADDR"), variable("SERVER_PROTOCOL"));
  return 0;
}
