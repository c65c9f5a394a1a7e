/* What guest threads do to a shared memory: each function is called by a thread
 * that has an instance of its own. They share one stack, so none of them may keep
 * anything in memory but the two words below. */
#define EXPORT(name) __attribute__((export_name(name), used))

/* Below zero: no child. 0: in the child. */
__attribute__((import_module("host"), import_name("fork"))) int host_fork(void);
/* Runs add(1) on a new thread and awaits its end; 0 on success. */
__attribute__((import_module("host"), import_name("spawn"))) int host_spawn(void);

static int parked; /* nobody changes it */
static int counter;

void _start(void) {}

EXPORT("grow") int grow(int pages) { return (int)__builtin_wasm_memory_grow(0, (unsigned)pages); }

/* 0 woken, 2 timed out */
EXPORT("wait") int wait(int microseconds) {
  return __builtin_wasm_memory_atomic_wait32(&parked, 0, microseconds * 1000LL);
}

EXPORT("notify") int notify(int most) {
  return (int)__builtin_wasm_memory_atomic_notify(&parked, (unsigned)most);
}

EXPORT("add") int add(int value) { return __atomic_add_fetch(&counter, value, __ATOMIC_SEQ_CST); }

EXPORT("trap") int trap(int unused) {
  (void)unused;
  __builtin_trap();
}

/* In the parent what fork answered. In the child 0, or the number of what did not
 * work there. */
EXPORT("fork") int fork_and_work(int unused) {
  (void)unused;
  int child = host_fork();
  if (child != 0) return child;
  int before = (int)__builtin_wasm_memory_size(0);
  if (grow(1) != before) return 1;
  *(volatile char*)(before * 65536L) = 1;
  if (notify(1000) != 0) return 2; /* nobody waits here */
  if (wait(100) != 2) return 3;
  int count = add(1);
  if (host_spawn() != 0) return 4;
  if (add(0) != count + 1) return 5;
  return 0;
}
