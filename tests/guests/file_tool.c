/* One file operation per request:
 *   ?op=read&path=P               the file's bytes
 *   ?op=write&path=P&text=T       creates or replaces it; with &sync=1 on the disk, too
 *   ?op=fill&path=P&mib=N         writes N MiB of zeros
 *   ?op=list&path=P               one name a line
 *   ?op=make|remove|link&path=P   a directory; an entry; a symbolic link to &to=T
 * A failure answers "error: REASON" with status 409. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "query.h"

static int failed(void) {
  printf("Status: 409 Conflict\nContent-Type: text/plain\n\nerror: %s\n", strerror(errno));
  return 0;
}

static int done(void) {
  fputs("Content-Type: text/plain\n\ndone\n", stdout);
  return 0;
}

static int read_file(const char* path) {
  FILE* file = fopen(path, "r");
  if (!file) return failed();
  char block[4096];
  fputs("Content-Type: application/octet-stream\n\n", stdout);
  for (size_t got; (got = fread(block, 1, sizeof block, file)) > 0;) fwrite(block, 1, got, stdout);
  return ferror(file);
}

static int write_file(const char* path, const char* text) {
  FILE* file = fopen(path, "w");
  if (!file || fputs(text, file) < 0 || fflush(file) != 0) return failed();
  if (query_number("sync", 0) && fsync(fileno(file)) != 0) return failed();
  return fclose(file) ? failed() : done();
}

static int fill_file(const char* path, long mib) {
  static char block[1 << 20];
  FILE* file = fopen(path, "w");
  if (!file) return failed();
  for (long i = 0; i < mib; ++i) {
    if (fwrite(block, 1, sizeof block, file) != sizeof block) return failed();
  }
  return fclose(file) ? failed() : done();
}

static int list(const char* path) {
  DIR* directory = opendir(path);
  if (!directory) return failed();
  fputs("Content-Type: text/plain\n\n", stdout);
  for (struct dirent* entry; (entry = readdir(directory));) puts(entry->d_name);
  return closedir(directory);
}

int main(void) {
  const char* op = query("op", "");
  const char* path = query("path", "/");
  if (strcmp(op, "read") == 0) return read_file(path);
  if (strcmp(op, "write") == 0) return write_file(path, query("text", ""));
  if (strcmp(op, "fill") == 0) return fill_file(path, query_number("mib", 1));
  if (strcmp(op, "list") == 0) return list(path);
  if (strcmp(op, "make") == 0) return mkdir(path, 0755) ? failed() : done();
  if (strcmp(op, "remove") == 0) return remove(path) ? failed() : done();
  if (strcmp(op, "link") == 0) return symlink(query("to", ""), path) ? failed() : done();
  errno = EINVAL;
  return failed();
}
