/* Makes every kind of file call in one directory: the query's ?path=P as a CGI
 * program, else the first argument. Answers "all done", or the first call that
 * failed; leaves nothing behind. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "query.h"

#define TRY(expression)                                                    \
  do {                                                                     \
    if (!(expression)) {                                                   \
      printf("line %d: %s: %s\n", __LINE__, #expression, strerror(errno)); \
      return 1;                                                            \
    }                                                                      \
  } while (0)

static int contents(int at) {
  char buffer[16];
  struct iovec parts[] = {{"con", 3}, {"tent", 4}};
  struct iovec room[] = {{buffer, 2}, {buffer + 2, 8}};
  struct stat status;
  const struct timespec times[] = {{.tv_sec = 7}, {.tv_sec = 8}};
  const int file = openat(at, "file", O_RDWR | O_CREAT | O_EXCL, 0644);
  TRY(file >= 0);
  TRY(openat(at, "file", O_RDWR | O_CREAT | O_EXCL, 0644) < 0 && errno == EEXIST);
  TRY(writev(file, parts, 2) == 7);
  TRY(pwrite(file, "C", 1, 0) == 1);
  TRY(pread(file, buffer, sizeof buffer, 3) == 4 && memcmp(buffer, "tent", 4) == 0);
  TRY(lseek(file, 0, SEEK_SET) == 0);
  TRY(readv(file, room, 2) == 7 && memcmp(buffer, "Content", 7) == 0);
  TRY(lseek(file, 0, SEEK_CUR) == 7);
  TRY(fcntl(file, F_SETFL, O_APPEND) == 0 && (fcntl(file, F_GETFL) & O_APPEND));
  TRY(lseek(file, 0, SEEK_SET) == 0 && write(file, "!", 1) == 1);
  TRY(fstat(file, &status) == 0 && status.st_size == 8);
  TRY(posix_fallocate(file, 0, 5000) == 0);
  TRY(posix_fadvise(file, 0, 0, POSIX_FADV_SEQUENTIAL) == 0);
  TRY(ftruncate(file, 3) == 0);
  TRY(fsync(file) == 0 && fdatasync(file) == 0);
  TRY(futimens(file, times) == 0 && fstat(file, &status) == 0);
  TRY(status.st_mtim.tv_sec == 8 && status.st_size == 3);
  struct pollfd ready = {file, POLLIN | POLLOUT, 0};
  TRY(poll(&ready, 1, 1000) == 1);
  TRY(close(file) == 0);
  const int synced = openat(at, "file", O_WRONLY | O_TRUNC | O_SYNC);
  TRY(synced >= 0 && write(synced, "x", 1) == 1);
  TRY(read(synced, buffer, 1) < 0 && errno == EBADF);
  TRY(close(synced) == 0);
  return 0;
}

static int names(int at) {
  char buffer[16];
  struct stat status;
  const struct timespec times[] = {{.tv_sec = 1}, {.tv_sec = 2}};
  TRY(mkdirat(at, "a", 0755) == 0 && mkdirat(at, "b", 0755) == 0);
  TRY(linkat(at, "file", at, "a/linked", 0) == 0);
  TRY(symlinkat("../file", at, "b/symbolic") == 0);
  TRY(readlinkat(at, "b/symbolic", buffer, sizeof buffer) == 7);
  TRY(fstatat(at, "b/symbolic", &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(status.st_mode));
  TRY(fstatat(at, "b/symbolic", &status, 0) == 0 && status.st_nlink == 2);
  TRY(utimensat(at, "b/symbolic", times, AT_SYMLINK_NOFOLLOW) == 0);
  TRY(utimensat(at, "file", times, 0) == 0);
  TRY(renameat(at, "a/linked", at, "b/moved") == 0);
  TRY(renameat(at, "b", at, "a/b") == 0);
  const int directory = openat(at, "a/b", O_RDONLY | O_DIRECTORY);
  TRY(directory >= 0 && fsync(directory) == 0);
  DIR* entries = fdopendir(directory);
  TRY(entries);
  int count = 0;
  while (readdir(entries)) ++count;
  TRY(count == 4);
  rewinddir(entries);
  TRY(readdir(entries) && closedir(entries) == 0);
  TRY(unlinkat(at, "a/b", AT_REMOVEDIR) < 0 && errno == ENOTEMPTY);
  TRY(unlinkat(at, "a/b/moved", 0) == 0 && unlinkat(at, "a/b/symbolic", 0) == 0);
  TRY(unlinkat(at, "a/b", AT_REMOVEDIR) == 0 && unlinkat(at, "a", AT_REMOVEDIR) == 0);
  TRY(unlinkat(at, "file", 0) == 0);
  return 0;
}

int main(int count, char** arguments) {
  const char* path = count > 1 ? arguments[1] : query("path", "/");
  fputs("Content-Type: text/plain\n\n", stdout);
  const int at = open(path, O_RDONLY | O_DIRECTORY);
  TRY(at >= 0);
  if (contents(at) || names(at)) return 1;
  puts("all done");
  return 0;
}
