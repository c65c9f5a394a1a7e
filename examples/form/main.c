/* GET shows a form; POST sends the body back while it is still arriving. The
 * buffer is all the memory it takes, whatever the size of the upload. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char kForm[] =
    "Content-Type: text/html; charset=utf-8\r\n\r\n"
    "<!doctype html><title>form</title>\n"
    "<form method=post><input name=text value=\"some text\"><button>send</button></form>\n"
    "<form method=post enctype=multipart/form-data><input type=file name=file>"
    "<button>upload</button></form>\n";

static int write_all(const char* data, size_t size) {
  while (size > 0) {
    const ssize_t written = write(STDOUT_FILENO, data, size);
    if (written <= 0) return -1;
    data += written;
    size -= (size_t)written;
  }
  return 0;
}

int main(void) {
  const char* method = getenv("REQUEST_METHOD");
  if (!method || strcmp(method, "POST") != 0) return write_all(kForm, sizeof kForm - 1);

  static const char head[] = "Content-Type: text/plain; charset=utf-8\r\n\r\n";
  if (write_all(head, sizeof head - 1) != 0) return 1;
  static char block[16384];
  for (;;) {
    const ssize_t got = read(STDIN_FILENO, block, sizeof block);
    if (got <= 0) return got < 0;
    if (write_all(block, (size_t)got) != 0) return 1;
  }
}
