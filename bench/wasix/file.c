/* Nanoseconds of processor time to write a file of 64 MiB in pieces of 64 KiB and
   read it again. */
#include "sys.h"

#ifndef __wasm__
#include <fcntl.h>
#include <stdlib.h>
#endif

enum { PIECE = 64 << 10, PIECES = 1024 };
static char piece[PIECE];

#ifdef __wasm__
static u32 fd;
static void open_file(void) {
  expect(wasix_path_open2(3, 0, "tmp/bench", 9, OFLAG_CREAT | OFLAG_TRUNC, ~0ull >> 35, ~0ull >> 35,
                          0, 0, &fd) == 0);
}
static void put(void) { write_all((int)fd, piece, PIECE); }
static void rewind_file(void) {
  u64 at = 0;
  expect(wasi_fd_seek(fd, 0, 0, &at) == 0);
}
static int get(void) {
  const iovec_t iovec = {piece, PIECE};
  u32 got = 0;
  expect(wasi_fd_read(fd, &iovec, 1, &got) == 0);
  return (int)got;
}
static void remove_file(void) { expect(wasi_path_unlink_file(3, "tmp/bench", 9) == 0); }
#else
static int fd;
static char path[] = "/tmp/bench-XXXXXX";
static void open_file(void) { expect((fd = mkstemp(path)) >= 0); }
static void put(void) { write_all(fd, piece, PIECE); }
static void rewind_file(void) { expect(lseek(fd, 0, SEEK_SET) == 0); }
static int get(void) { return (int)read(fd, piece, PIECE); }
static void remove_file(void) { expect(unlink(path) == 0); }
#endif

int main(void) {
  open_file();
  const uint64_t begin = process_ns();
  for (int i = 0; i < PIECES; ++i) put();
  rewind_file();
  for (int i = 0; i < PIECES; ++i) expect(get() == PIECE);
  print_number(process_ns() - begin);
  remove_file();
  return 0;
}
