/* A CGI hello, as a program of the standard and, with WASIX defined, with what the
   start of a WASIX program does beside it and with its memory imported and shared. */
#include "sys.h"

#ifdef WASIX
static u32 lock;
static void start_up(void) {
  u32 count = 0;
  signal_disposition_t dispositions[8];
  expect(wasix_proc_signals_sizes_get(&count) == 0 && count <= 8);
  expect(wasix_proc_signals_get(dispositions) == 0);
  wasix_callback_signal("__wasm_signal", 13);
  u8 woken = 0;
  __atomic_store_n(&lock, 0, __ATOMIC_RELEASE);
  expect(wasix_futex_wake(&lock, &woken) == 0);
}
__attribute__((export_name("__wasm_signal"))) void on_signal(u32 signal) { (void)signal; }
#else
static void start_up(void) {}
#endif

int main(void) {
  start_up();
  u32 count = 0, size = 0;
  static char* pointers[64];
  static char bytes[8192];
  expect(wasi_args_sizes_get(&count, &size) == 0 && count <= 64 && size <= sizeof bytes);
  expect(wasi_args_get(pointers, bytes) == 0);
  expect(wasi_environ_sizes_get(&count, &size) == 0 && count <= 64 && size <= sizeof bytes);
  expect(wasi_environ_get(pointers, bytes) == 0);
  static const char answer[] = "Content-Type: text/plain\r\n\r\nHello, World!\n";
  write_all(1, answer, sizeof answer - 1);
  return 0;
}
