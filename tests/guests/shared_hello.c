/* hello.c, built as programs with threads are although it starts none: it imports a
 * shared memory. No C library. */
#include <stddef.h>

struct Buffer {
  const char* bytes;
  size_t size;
};

__attribute__((import_module("wasi_snapshot_preview1"), import_name("fd_write"))) int fd_write(
    int fd, const struct Buffer* buffers, size_t count, size_t* written);

static const char answer[] = "Content-Type: text/plain\r\n\r\nHello, World!\n";

void _start(void) {
  struct Buffer buffer = {answer, sizeof answer - 1};
  size_t written = 0;
  if (fd_write(1, &buffer, 1, &written) != 0 || written != buffer.size) __builtin_trap();
}
