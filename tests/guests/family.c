/* Processes: `family CASE`. Says what it sees on standard output, a line each. */
#include "wasix.h"

static void say_to(u32 fd, const char* text, u32 size) {
  iovec_t buffer = {(void*)text, size};
  u32 written;
  if (wasi_fd_write(fd, &buffer, 1, &written) != 0) __builtin_trap();
}

static void say(const char* what, u32 number) {
  char line[96];
  u32 n = 0;
  for (const char* c = what; *c != 0; ++c) line[n++] = *c;
  line[n++] = ' ';
  char digits[10];
  u32 count = 0;
  do {
    digits[count++] = (char)('0' + number % 10);
    number /= 10;
  } while (number != 0);
  while (count > 0) line[n++] = digits[--count];
  line[n++] = '\n';
  say_to(1, line, n);
}

static u32 own(void) {
  u32 pid = 0;
  wasix_proc_id(&pid);
  return pid;
}

static u32 parent(void) {
  u32 pid = 99;
  if (wasix_proc_parent(own(), &pid) != 0) return 98;
  return pid;
}

static u32 fork_or_trap(void) {
  u32 pid = 0;
  if (wasix_proc_fork(1, &pid) != 0) __builtin_trap();
  return pid;
}

static void wait_for(u32 pid, u32 flags) {
  option_u32_t which = {pid != 0, pid};
  join_status_t status = {0};
  const u32 error = wasix_proc_join(&which, flags, &status);
  if (error != 0) {
    say("join error", error);
    return;
  }
  say("joined", which.value);
  say(" tag", status.tag);
  if (status.tag == 1) say(" code", status.code);
  if (status.tag == 2) say(" signal", status.signal);
}

static void forks(void) {
  say("parent is", own());
  const u32 child = fork_or_trap();
  if (child == 0) {
    say("child is", own());
    say("its parent is", parent());
    const u32 grandchild = fork_or_trap();
    if (grandchild == 0) {
      u32 thread = 0;
      wasix_thread_id(&thread);
      say("grandchild is", thread);
      wasix_proc_exit2(0);
    }
    wait_for(grandchild, 0);
    wasix_proc_exit2(7);
  }
  wait_for(0, 0);
  wait_for(0, 0);
}

static void hangs(void) {
  u32 ends[2];
  if (wasix_fd_pipe(&ends[0], &ends[1]) != 0) __builtin_trap();
  const u32 child = fork_or_trap();
  if (child == 0) {
    char byte;
    iovec_t buffer = {&byte, 1};
    u32 got;
    wasi_fd_close(ends[1]);
    wasi_fd_read(ends[0], &buffer, 1, &got);
    wasix_proc_exit2(got == 0 ? 5 : 6);
  }
  wait_for(child, 1);
  wasi_fd_close(ends[1]);
  wait_for(child, 0);
}

static void killed(void) {
  const u32 child = fork_or_trap();
  if (child == 0) {
    wasix_thread_sleep(3600000000000ull);
    wasix_proc_exit2(1);
  }
  say("kill", wasix_proc_signal(child, 9));
  wait_for(child, 0);
  say("kill", wasix_proc_signal(child, 9));
  const u32 other = fork_or_trap();
  if (other == 0) {
    wasix_thread_sleep(3600000000000ull);
    wasix_proc_exit2(1);
  }
  say("term", wasix_proc_signal(other, 15));
  wait_for(other, 0);
}

static void trapped(void) {
  const u32 child = fork_or_trap();
  if (child == 0) __builtin_trap();
  wait_for(child, 0);
}

static void orphans(void) {
  for (u32 i = 0; i < 3; ++i) {
    if (fork_or_trap() == 0) {
      for (;;) {
      }
    }
  }
  say("leaves", 3);
  wasix_proc_exit2(4);
}

static void bombs(void) {
  u32 count = 0;
  u32 pid;
  u32 error;
  while ((error = wasix_proc_fork(1, &pid)) == 0) {
    if (pid == 0) wasix_thread_sleep(3600000000000ull);
    ++count;
  }
  say("children", count);
  say("error", error);
}

static const char kSelf[] = "family";

static void borrows(void) {
  u32 child = 0;
  u32 copy = 77;
  if (wasix_proc_fork_env(&child) != 0) __builtin_trap();
  say("acts as", own());
  wasi_fd_close(2);
  wasix_proc_exit2(9);
  say("again", own());
  say("descriptor 2", wasix_fd_dup(2, &copy));
  wait_for(child, 0);
  if (wasix_proc_fork_env(&child) != 0) __builtin_trap();
  say("missing", wasix_proc_exec3("nothing", 7, "nothing\n", 8, "", 0, 0, 0, 0));
  const u32 error = wasix_proc_exec3(kSelf, 6, "family\necho\n", 12, "", 0, 0, 0, 0);
  say("exec", error);
  say("is", own());
  wait_for(child, 0);
}

static void execs(void) {
  say("before", own());
  const u32 error = wasix_proc_exec3("/bin/family", 11, "family\necho\n", 12, "", 0, 0, 0, 0);
  say("error", error);
}

static void spawns(void) {
  u32 ends[2];
  if (wasix_fd_pipe(&ends[0], &ends[1]) != 0) __builtin_trap();
  spawn_action_t actions[2] = {{0}};
  actions[0].command = 1;
  actions[0].fd = 1;
  actions[0].source = ends[1];
  actions[1].command = 0;
  actions[1].fd = ends[1];
  u32 pid = 0;
  const u32 error = wasix_proc_spawn2(kSelf, 6, "family\necho\n", 12, "A=b\n", 4, actions, 2, 0, 0,
                                      1, "/nowhere:/usr/bin", 17, &pid);
  say("spawn", error);
  wasi_fd_close(ends[1]);
  char bytes[64];
  iovec_t buffer = {bytes, sizeof bytes};
  u32 got = 1;
  while (wasi_fd_read(ends[0], &buffer, 1, &got) == 0 && got > 0) say_to(1, bytes, got);
  wait_for(pid, 0);
  say("missing", wasix_proc_spawn2("no", 2, "no\n", 3, "", 0, 0, 0, 0, 0, 1, 0, 0, &pid));
}

static int is(const char* text, const char* word) {
  while (*text != 0 && *text == *word) ++text, ++word;
  return *text == *word;
}

void _start(void) {
  static char block[4096];
  static char* arguments[16];
  u32 count;
  u32 size;
  if (wasi_args_sizes_get(&count, &size) != 0 || count > 16 || size > sizeof block ||
      wasi_args_get(arguments, block) != 0 || count < 2) {
    __builtin_trap();
  }
  const char* what = arguments[1];
  if (is(what, "echo")) {
    say("echo is", own());
    wasix_proc_exit2(11);
  }
  if (is(what, "forks")) forks();
  if (is(what, "hangs")) hangs();
  if (is(what, "killed")) killed();
  if (is(what, "trapped")) trapped();
  if (is(what, "orphans")) orphans();
  if (is(what, "bombs")) bombs();
  if (is(what, "borrows")) borrows();
  if (is(what, "execs")) execs();
  if (is(what, "spawns")) spawns();
}
