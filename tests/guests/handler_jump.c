/* A longjmp, made of wasm exceptions, out of a signal handler: it crosses the host call
 * in which the handler runs. What a C library has for
 * it is in sjlj_runtime.c. */
#include "wasix.h"

#define EXPORT(name) __attribute__((export_name(name), used))

typedef struct {
  u32 data[8];
} jump_t;

int setjmp(jump_t*) __attribute__((returns_twice));
_Noreturn void longjmp(jump_t*, int);

static jump_t back;
static volatile u32 handled;

static void print(const char* text) {
  const iovec_t vector = {(void*)text, 2};
  u32 written;
  wasi_fd_write(1, &vector, 1, &written);
}

EXPORT("__wasm_signal") void on_signal(u32 number) {
  ++handled;
  longjmp(&back, (int)number);
}

void _start(void) {
  u32 own = 0;
  wasix_callback_signal("__wasm_signal", 13);
  wasix_thread_id(&own);
  const int came = setjmp(&back);
  if (came == 0) {
    wasix_thread_signal(own, 10);
    __builtin_trap();
  }
  print("a\n");
  /* Once more, for the same signal: it does not count as being handled any more. */
  if (handled == 1) wasix_thread_signal(own, 10);
  print("b\n");
}
