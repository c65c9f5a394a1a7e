/* Reading QUERY_STRING in test programs: ?name=value&other=value, percent
 * decoded. Values are copied into static storage, 8 of up to 511 bytes. */
#pragma once

#include <stdlib.h>
#include <string.h>

static int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

__attribute__((unused)) static const char* query(const char* name, const char* fallback) {
  static char values[8][512];
  static unsigned next;
  const char* at = getenv("QUERY_STRING");
  const size_t length = strlen(name);
  while (at && *at) {
    if (strncmp(at, name, length) == 0 && at[length] == '=') {
      char* value = values[next++ % 8];
      size_t size = 0;
      for (at += length + 1; *at && *at != '&' && size < 511; ++at) {
        if (at[0] == '%' && at[1] && hex_digit(at[1]) >= 0 && hex_digit(at[2]) >= 0) {
          value[size++] = (char)(hex_digit(at[1]) * 16 + hex_digit(at[2]));
          at += 2;
        } else {
          value[size++] = *at;
        }
      }
      value[size] = 0;
      return value;
    }
    at = strchr(at, '&');
    if (at) ++at;
  }
  return fallback;
}

__attribute__((unused)) static long query_number(const char* name, long fallback) {
  const char* value = query(name, 0);
  return value ? atol(value) : fallback;
}
