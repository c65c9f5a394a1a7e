/* Speaks the JSON dialect: the request's head comes in one variable and goes back
 * as the body, after a JSON head on the first line. */
#include <stdio.h>
#include <stdlib.h>

int main(void) {
  const char* request = getenv("__WCGI_REQUEST_JSON_V1");
  puts(
      "{\"status\":201,\"headers\":{\"content-type\":\"application/"
      "json\",\"x-many\":[\"1\",\"2\"]}}");
  fputs(request ? request : "null", stdout);
  return 0;
}
