/* Speaks the JSON dialect: the request's head comes in one variable and goes back
 * as the body, after a JSON head on the first line. Its custom section says so. */
#include <stdio.h>
#include <stdlib.h>

__attribute__((used, section(".custom_section.cgi-dialect"))) static const char kDialect[4] = {
    'w', 'c', 'g', 'i'};

int main(void) {
  const char* request = getenv("__WCGI_REQUEST_JSON_V1");
  puts(
      "{\"status\":201,\"headers\":{\"content-type\":\"application/"
      "json\",\"x-many\":[\"1\",\"2\"]}}");
  fputs(request ? request : "null", stdout);
  return 0;
}
