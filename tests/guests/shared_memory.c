/* Built as programs with threads are: it imports a shared memory, and a start
 * function that the linker writes copies its data there, once for all threads. No
 * C library. Each function traps if something is not as it should be. */
#define EXPORT(name) __attribute__((export_name(name), used))

static volatile char text[] = "copied by the start function";
static volatile char zeros[5000];
static _Thread_local volatile int own = 7;
static int counter;

static void must(int condition) {
  if (!condition) __builtin_trap();
}

void _start(void) {}

EXPORT("check") void check(int a, int b, int c) {
  (void)a, (void)b, (void)c;
  must(text[0] == 'c' && text[sizeof text - 2] == 'n');
  for (unsigned i = 0; i < sizeof zeros; ++i) must(zeros[i] == 0);
  must(own == 7);
}

EXPORT("count") void count(int a, int b, int c) {
  (void)c;
  must(__atomic_fetch_add(&counter, a, __ATOMIC_SEQ_CST) == 0);
  must(__atomic_add_fetch(&counter, b, __ATOMIC_SEQ_CST) == a + b);
  must(__builtin_wasm_memory_atomic_notify(&counter, 1) == 0);
}

EXPORT("wait") void wait(int a, int b, int c) {
  (void)a, (void)b, (void)c;
  __builtin_wasm_memory_atomic_wait32(&counter, counter, -1);
}

/* By a pages, which must answer b. */
EXPORT("grow") void grow(int a, int b, int c) {
  (void)c;
  must((int)__builtin_wasm_memory_grow(0, (unsigned)a) == b);
}

EXPORT("fill") void fill(int a, int b, int c) {
  (void)c;
  __builtin_memset((char*)zeros, a, (unsigned)b);
}
