/* The few system calls that the programs of this folder make, as a WASIX guest
   (freestanding) and as a native program: the same source, compiled twice. */
#pragma once

#include <stdint.h>

static uint64_t now_ns(void);     /* monotonic */
static uint64_t process_ns(void); /* processor time of the process */
static void write_all(int fd, const void* data, unsigned size);
_Noreturn static void leave(int code);

#ifdef __wasm__
#include "wasix.h"

static uint64_t clock_ns(u32 clock) {
  u64 time = 0;
  wasi_clock_time_get(clock, 1, &time);
  return time;
}
static uint64_t now_ns(void) { return clock_ns(CLOCK_MONO); }
static uint64_t process_ns(void) { return clock_ns(CLOCK_PROCESS); }
static void write_all(int fd, const void* data, unsigned size) {
  const iovec_t iovec = {data, size};
  u32 written = 0;
  wasi_fd_write((u32)fd, &iovec, 1, &written);
}
static void leave(int code) { wasi_proc_exit((u32)code); }

int main(void);
__attribute__((export_name("_start"))) void start(void) { leave(main()); }

#else
#define _GNU_SOURCE
#include <time.h>
#include <unistd.h>

static uint64_t clock_ns(clockid_t clock) {
  struct timespec time;
  clock_gettime(clock, &time);
  return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}
static uint64_t now_ns(void) { return clock_ns(CLOCK_MONOTONIC); }
static uint64_t process_ns(void) { return clock_ns(CLOCK_PROCESS_CPUTIME_ID); }
static void write_all(int fd, const void* data, unsigned size) {
  if (write(fd, data, size) != (ssize_t)size) _exit(1);
}
static void leave(int code) { _exit(code); }
#endif

/* "NUMBER\n" on standard output. */
static inline void print_number(uint64_t number) {
  char text[24];
  unsigned at = sizeof text;
  text[--at] = '\n';
  do {
    text[--at] = (char)('0' + number % 10);
    number /= 10;
  } while (number != 0);
  write_all(1, text + at, (unsigned)sizeof text - at);
}

static inline void expect(int holds) {
  if (holds) return;
  write_all(2, "bench: a call failed\n", 21);
  leave(1);
}
