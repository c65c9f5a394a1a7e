/* A program with threads and signals, without a C library. Its first argument says what
 * it does; what it prints says how that went. */
#include "wasix.h"

#define EXPORT(name) __attribute__((export_name(name), used))

enum { THREADS = 64, STACK = 16384 };

/* What the host is told about a new thread; the stack's top comes first. */
static struct {
  u32 stack_top, tls, function, argument, reserved[10], stack_size, guard;
} records[THREADS];
static char stacks[THREADS][STACK] __attribute__((aligned(16)));
static volatile u32 ended[THREADS];
static volatile u32 mutex, counter, word, handled, chatter;
static const option_timestamp_t for_ever = {0};
static char arguments[256];
static char* argv[8];

/* Volatile: there is no strlen to make it a call of. */
static u32 length(const volatile char* text) {
  u32 size = 0;
  while (text[size]) ++size;
  return size;
}

static void print(const char* text) {
  const iovec_t vector = {(void*)text, length(text)};
  u32 written;
  wasi_fd_write(1, &vector, 1, &written);
}

static void print_number(u64 number) {
  char text[24];
  char* at = text + sizeof text - 1;
  *at = 0;
  *--at = '\n';
  do *--at = (char)('0' + number % 10);
  while (number /= 10);
  print(at);
}

static u64 now(void) {
  u64 time;
  wasi_clock_time_get(1, 0, &time);
  return time;
}

static void wait_while(volatile u32* at, u32 value) {
  u8 woken;
  while (*at == value)
    if (wasix_futex_wait(at, value, &for_ever, &woken)) __builtin_trap();
}

static void set(volatile u32* at, u32 value) {
  u8 woken;
  __atomic_store_n(at, value, __ATOMIC_SEQ_CST);
  wasix_futex_wake_all(at, &woken);
}

static void lock(void) {
  u32 free = 0;
  u8 woken;
  while (!__atomic_compare_exchange_n(&mutex, &free, 1, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {
    wasix_futex_wait(&mutex, 1, &for_ever, &woken);
    free = 0;
  }
}

static void unlock(void) {
  u8 woken;
  __atomic_store_n(&mutex, 0, __ATOMIC_SEQ_CST);
  wasix_futex_wake(&mutex, &woken);
}

static i32 start(u32 number, void (*function)(u32)) {
  records[number].stack_top = (u32)(stacks[number] + STACK);
  records[number].stack_size = STACK;
  records[number].function = (u32)function;
  records[number].argument = number;
  ended[number] = 0;
  return wasi_thread_spawn(&records[number]);
}

EXPORT("thread_main") void thread_main(u32 tid, u32 record) {
  u32 own = 0;
  wasix_thread_id(&own);
  if (own != tid) __builtin_trap();
  const u32 number = ((u32*)record)[3];
  ((void (*)(u32))((u32*)record)[2])(number);
  set(&ended[number], 1);
  wasix_thread_exit(0);
}

__asm__(
    ".globaltype __stack_pointer, i32\n"
    ".functype thread_main (i32, i32) -> ()\n"
    ".globl wasi_thread_start\n"
    ".export_name wasi_thread_start, wasi_thread_start\n"
    ".type wasi_thread_start,@function\n"
    "wasi_thread_start:\n"
    "  .functype wasi_thread_start (i32, i32) -> ()\n"
    "  local.get 1\n"
    "  i32.load 0\n"
    "  global.set __stack_pointer\n"
    "  local.get 0\n"
    "  local.get 1\n"
    "  call thread_main\n"
    "  end_function\n");

EXPORT("__wasm_signal") void on_signal(u32 number) {
  handled = number;
  if (chatter) {
    print("signal ");
    print_number(number);
  }
}

static void count(u32 number) {
  (void)number;
  for (int i = 0; i < 5000; ++i) {
    lock();
    ++counter;
    unlock();
  }
}

static void nothing(u32 number) { (void)number; }
static void end_process(u32 number) { (void)number, wasi_proc_exit(7); }
static void crash(u32 number) { (void)number, __builtin_trap(); }
static void wait_for_ever(u32 number) { (void)number, wait_while(&word, 0); }

static void outlive(u32 number) {
  (void)number;
  wasix_thread_sleep(20000000);
  print("still here\n");
}

static void signal_main(u32 number) {
  (void)number;
  wasix_thread_signal(0x3fffffff, 10);
}

static void answer(u32 number) {
  (void)number;
  for (u32 i = 0; i < 20000; i += 2) {
    wait_while(&word, i);
    set(&word, i + 2);
  }
}

static int is(const char* name) {
  const char* given = argv[1];
  while (*name && *name == *given) ++name, ++given;
  return *name == *given;
}

static void start_and_count(void) {
  for (u32 i = 0; i < 4; ++i)
    if (start(i, count) <= 0) __builtin_trap();
  for (u32 i = 0; i < 4; ++i) wait_while(&ended[i], 0);
  print_number(counter);
}

static void reach_the_limit(void) {
  u32 running = 0;
  while (running < THREADS && start(running, wait_for_ever) > 0) ++running;
  print_number(running);
  set(&word, 1);
  for (u32 i = 0; i < running; ++i) wait_while(&ended[i], 0);
}

static void measure_spawn(void) {
  const u64 begin = now();
  for (u32 i = 0; i < 1000; ++i) {
    const i32 tid = start(0, nothing);
    if (tid <= 0) __builtin_trap();
    wasix_thread_join((u32)tid);
    if (!ended[0]) __builtin_trap();
  }
  print_number((now() - begin) / 1000);
}

static void measure_ping_pong(void) {
  if (start(0, answer) <= 0) __builtin_trap();
  const u64 begin = now();
  for (u32 i = 0; i < 20000; i += 2) {
    set(&word, i + 1);
    wait_while(&word, i + 1);
  }
  print_number((now() - begin) / 10000);
}

static void measure_calls(void) {
  u32 tid;
  const u64 begin = now();
  for (u32 i = 0; i < 1000000; ++i) wasix_thread_id(&tid);
  print_number((now() - begin) / 1000);
}

void _start(void) {
  u32 count_of, size;
  wasi_args_sizes_get(&count_of, &size);
  if (count_of != 2 || size > sizeof arguments) __builtin_trap();
  wasi_args_get(argv, arguments);
  wasix_callback_signal("__wasm_signal", 13);
  if (is("count")) start_and_count();
  if (is("spawn-time")) measure_spawn();
  if (is("ping-pong-time")) measure_ping_pong();
  if (is("call-time")) measure_calls();
  if (is("limit")) reach_the_limit();
  if (is("exit")) {
    start(0, end_process);
    wait_while(&word, 0);
  }
  if (is("crash")) {
    start(0, crash);
    wait_while(&word, 0);
  }
  if (is("stuck")) {
    start(0, end_process);
    __builtin_wasm_memory_atomic_wait32((int*)&word, 0, -1);
  }
  if (is("outlived")) {
    start(0, outlive);
    wasix_thread_exit(0);
  }
  if (is("return")) start(0, wait_for_ever);
  if (is("signal")) {
    u8 woken;
    start(0, signal_main);
    /* Neither a wait on a futex nor a sleep fails for it. */
    while (!handled)
      if (wasix_futex_wait(&word, 0, &for_ever, &woken)) __builtin_trap();
    print_number(handled);
  }
  if (is("terminate")) {
    chatter = 1;
    print("ready\n");
    while (!handled) {
      u8 woken;
      wasix_futex_wait(&word, 0, &for_ever, &woken);
    }
    wasi_proc_exit(3);
  }
  if (is("read")) {
    char byte;
    u32 got;
    const iovec_t vector = {&byte, 1};
    print("ready\n");
    print_number(wasi_fd_read(0, &vector, 1, &got));
  }
  if (is("alarm")) {
    char byte;
    u32 got;
    const iovec_t vector = {&byte, 1};
    wasix_proc_raise_interval(14, 10000000, 0);
    print_number(wasi_fd_read(0, &vector, 1, &got));
    print_number(handled);
  }
}
