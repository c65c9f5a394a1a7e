/* Lists the directories that are open at its start, one a line: number, name. */
#include <stdio.h>
#include <wasi/api.h>

int main(void) {
  fputs("Content-Type: text/plain\n\n", stdout);
  for (__wasi_fd_t fd = 3;; ++fd) {
    __wasi_prestat_t found;
    if (__wasi_fd_prestat_get(fd, &found) != 0) return 0;
    char name[256] = "";
    if (found.u.dir.pr_name_len >= sizeof name) return 1;
    if (__wasi_fd_prestat_dir_name(fd, (uint8_t*)name, found.u.dir.pr_name_len) != 0) return 2;
    printf("%u %s\n", fd, name);
  }
}
