/* A program that asks somebody else for its answer: connects to the port of its first
   argument on loopback, as a WCGI program. */
#include "wasix.h"

static char arguments[512];
static char* argv[8];
static char answer[1024] = "Content-Type: text/plain\r\n\r\n";

static void write_all(u32 fd, const char* bytes, u32 size) {
  const iovec_t vector = {bytes, size};
  u32 written;
  wasi_fd_write(fd, &vector, 1, &written);
}

static u32 port_argument(void) {
  u32 port = 0;
  for (const char* at = argv[1]; *at >= '0' && *at <= '9'; ++at)
    port = port * 10 + (u32)(*at - '0');
  return port;
}

/* "CALL: NUMBER", the error that it gave. */
static u32 failure(char* at, const char* call, u32 error) {
  u32 size = 0;
  for (; call[size]; ++size) at[size] = call[size];
  at[size++] = ':';
  at[size++] = ' ';
  if (error >= 10) at[size++] = (char)('0' + error / 10);
  at[size++] = (char)('0' + error % 10);
  return size;
}

static u32 ask(char* into, u32 room) {
  u32 fd = 0, size = 0;
  u16 flags = 0;
  const u32 port = port_argument();
  const addr_port_t address = {.tag = AF_V4, .data = {(u8)port, (u8)(port >> 8), 127, 0, 0, 1}};
  u32 error = wasix_sock_open(AF_V4, SOCK_STREAM_, 0, &fd);
  if (error) return failure(into, "open", error);
  error = wasix_sock_connect(fd, &address);
  if (error) return failure(into, "connect", error);
  const iovec_t question = {"question", 8};
  error = wasi_sock_send(fd, &question, 1, 0, &size);
  if (error) return failure(into, "send", error);
  const iovec_t reply = {into, room};
  error = wasi_sock_recv(fd, &reply, 1, 0, &size, &flags);
  return error ? failure(into, "receive", error) : size;
}

__attribute__((export_name("_start"))) void _start(void) {
  enum { HEAD = 28 };
  u32 count = 0, size = 0;
  if (wasi_args_sizes_get(&count, &size) || count < 2 || count > 8 || size > sizeof arguments) {
    wasi_proc_exit(1);
  }
  wasi_args_get(argv, arguments);
  write_all(1, answer, HEAD + ask(answer + HEAD, sizeof answer - HEAD));
  wasi_proc_exit(0);
}
