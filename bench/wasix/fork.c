/* Nanoseconds for fork, exit and wait, with 32 MiB touched. */
#include "sys.h"

#ifndef __wasm__
#include <sys/wait.h>
#endif

enum { SIZE = 32 << 20, TIMES = 100 };
static char touched[SIZE];

static void fork_once(void) {
#ifdef __wasm__
  u32 pid = 0;
  expect(wasix_proc_fork(1, &pid) == 0);
  if (pid == 0) wasi_proc_exit(0);
  option_u32_t which = {1, pid};
  join_status_t status = {0};
  expect(wasix_proc_join(&which, 0, &status) == 0 && status.tag == JOIN_EXITED);
#else
  const pid_t pid = fork();
  if (pid == 0) _exit(0);
  int status = 0;
  expect(waitpid(pid, &status, 0) == pid && status == 0);
#endif
}

int main(void) {
  for (int i = 0; i < SIZE; i += 4096) ((volatile char*)touched)[i] = 1;
  fork_once();
  const uint64_t begin = now_ns();
  for (int i = 0; i < TIMES; ++i) fork_once();
  print_number((now_ns() - begin) / TIMES);
  return 0;
}
