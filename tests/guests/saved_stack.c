/* setjmp and longjmp through the stack calls, in a program as Binaryen's asyncify pass
 * makes it, but by hand: between the entry and the call that saves the stack every
 * function can leave its locals in a buffer, and go on from there. */
#include "wasix.h"

#define EXPORT(name) __attribute__((export_name(name), used))

enum { RUNNING, UNWINDING, REWINDING };

static u32 state;
static struct {
  u32 current, end;
}* buffer;
static stack_snapshot_t snapshot;
static u64 value;
static volatile u32 jumps, in_handler;

EXPORT("asyncify_start_unwind") void start_unwind(u32 at) { state = UNWINDING, buffer = (void*)at; }
EXPORT("asyncify_stop_unwind") void stop_unwind(void) { state = RUNNING; }
EXPORT("asyncify_start_rewind") void start_rewind(u32 at) { state = REWINDING, buffer = (void*)at; }
EXPORT("asyncify_stop_rewind") void stop_rewind(void) { state = RUNNING; }

static void push(u32 local) {
  if (buffer->current + 4 > buffer->end) __builtin_trap();
  *(u32*)buffer->current = local;
  buffer->current += 4;
}

static u32 pop(void) { return buffer->current -= 4, *(u32*)buffer->current; }

static void print(const char* text, u32 number) {
  char line[64];
  u32 size = 0;
  while (text[size]) line[size] = text[size], ++size;
  line[size++] = (char)('0' + number % 10);
  line[size++] = '\n';
  const iovec_t vector = {line, size};
  u32 written;
  wasi_fd_write(1, &vector, 1, &written);
}

__attribute__((noinline)) static void jump_from(u32 depth) {
  volatile char deeper[512];
  deeper[0] = (char)depth;
  if (depth > 0) jump_from(depth - 1);
  if (depth == 0) wasix_stack_restore(&snapshot, ++jumps);
  deeper[1] = deeper[0];
}

EXPORT("__wasm_signal") void on_signal(u32 number) {
  (void)number;
  in_handler = 1;
  stack_snapshot_t other;
  u64 unused;
  print("saved in a handler: ", wasix_stack_checkpoint(&other, &unused) == E_NOTSUP);
  jump_from(1);
}

/* Has one local, and calls setjmp. */
__attribute__((noinline)) static void work(u32 local) {
  if (state == REWINDING) local = pop();
  const u32 error = wasix_stack_checkpoint(&snapshot, &value);
  if (state == UNWINDING) {
    push(local);
    return;
  }
  if (error) print("error ", error), __builtin_trap();
  if (local != 5) __builtin_trap();
  print("came with ", (u32)value);
  if (value < 3) jump_from((u32)value * 3);
  if (value == 3) wasix_thread_signal(0x3fffffff, 10);
}

void _start(void) {
  u32 local = 4;
  if (state == RUNNING) wasix_callback_signal("__wasm_signal", 13);
  if (state == REWINDING) local = pop();
  work(local + 1);
  if (state == UNWINDING) {
    push(local);
    return;
  }
  print("handled: ", in_handler);
}
