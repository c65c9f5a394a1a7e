/* Threads and futexes for both sides. */
#pragma once

#include "sys.h"

typedef void (*thread_body)(void);
/* A thread with a stack of its own; join() waits for its end. One at a time. */
static void start_thread(thread_body body);
static void join_thread(void);
static void wait_while(volatile uint32_t* word, uint32_t value);
static void wake(volatile uint32_t* word);

#ifdef __wasm__
enum { STACK = 65536 };
static char stack[STACK] __attribute__((aligned(16)));
static struct {
  u32 stack_top, tls, function, argument;
  u32 rest[12];
} record;
static volatile uint32_t running;
static thread_body current;

static void wait_while(volatile uint32_t* word, uint32_t value) {
  const option_timestamp_t forever = {0, 0};
  u8 woken = 0;
  while (__atomic_load_n(word, __ATOMIC_ACQUIRE) == value) {
    wasix_futex_wait(word, value, &forever, &woken);
  }
}
static void wake(volatile uint32_t* word) {
  u8 woken = 0;
  wasix_futex_wake(word, &woken);
}
static void start_thread(thread_body body) {
  current = body;
  record.stack_top = (u32)(uintptr_t)(stack + STACK);
  __atomic_store_n(&running, 1, __ATOMIC_RELEASE);
  expect(wasi_thread_spawn(&record) > 0);
}
static void join_thread(void) { wait_while(&running, 1); }

void thread_main(void) {
  current();
  __atomic_store_n(&running, 0, __ATOMIC_RELEASE);
  wake(&running);
  wasix_thread_exit(0);
}
__asm__(
    ".globaltype __stack_pointer, i32\n"
    ".functype thread_main () -> ()\n"
    ".globl wasi_thread_start\n"
    ".type wasi_thread_start,@function\n"
    ".export_name wasi_thread_start, wasi_thread_start\n"
    "wasi_thread_start:\n"
    ".functype wasi_thread_start (i32, i32) -> ()\n"
    "local.get 1\n"
    "i32.load 0\n"
    "global.set __stack_pointer\n"
    "call thread_main\n"
    "end_function\n");
#else
#include <linux/futex.h>
#include <pthread.h>
#include <sys/syscall.h>

static pthread_t thread;
static void* run_body(void* body) {
  ((thread_body)body)();
  return 0;
}
static void start_thread(thread_body body) {
  expect(pthread_create(&thread, 0, run_body, (void*)body) == 0);
}
static void join_thread(void) { expect(pthread_join(thread, 0) == 0); }
static void wait_while(volatile uint32_t* word, uint32_t value) {
  while (__atomic_load_n(word, __ATOMIC_ACQUIRE) == value) {
    syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, 0, 0, 0);
  }
}
static void wake(volatile uint32_t* word) {
  syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, 1, 0, 0, 0);
}
#endif
