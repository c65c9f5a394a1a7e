/* An HTTP server that answers each request with 1 KiB, in one thread with poll(2):
   as little as a server can do, so that what is measured is the calls. Serves port
   argv[1] of loopback until it is killed. */
#include "sys.h"

enum { CONNECTIONS = 256, BODY = 1024 };

static unsigned parse_port(const char* text) {
  unsigned port = 0;
  while (*text >= '0' && *text <= '9') port = port * 10 + (unsigned)(*text++ - '0');
  return port;
}

static char answer[BODY + 128];
static unsigned answer_size;

static void prepare_answer(void) {
  static const char head[] =
      "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 1024\r\n\r\n";
  for (const char* c = head; *c != 0; ++c) answer[answer_size++] = *c;
  for (int i = 0; i < BODY; ++i) answer[answer_size++] = 'x';
}

/* Requests of a load generator come whole. */
static int is_request(const char* bytes, int size) {
  return size >= 4 && bytes[size - 4] == '\r' && bytes[size - 1] == '\n';
}

#ifdef __wasm__
static subscription_t interests[CONNECTIONS];
static event_t events[CONNECTIONS];
static u32 count;

static void watch(u32 fd) {
  subscription_t* added = &interests[count++];
  added->userdata = fd;
  added->tag = EVENT_READ;
  added->fd_or_clock = fd;
}
static void forget(u32 fd) {
  for (u32 i = 0; i < count; ++i) {
    if (interests[i].fd_or_clock == fd) interests[i] = interests[--count];
  }
  wasi_fd_close(fd);
}
static void serve(u32 fd) {
  char buffer[4096];
  const iovec_t in = {buffer, sizeof buffer};
  u32 got = 0;
  if (wasi_fd_read(fd, &in, 1, &got) != 0 || got == 0) return forget(fd);
  if (is_request(buffer, (int)got)) write_all((int)fd, answer, answer_size);
}
static unsigned port_argument(void) {
  static char* arguments[8];
  static char bytes[256];
  expect(wasi_args_get(arguments, bytes) == 0 && arguments[1] != 0);
  return parse_port(arguments[1]);
}
int main(void) {
  prepare_answer();
  const unsigned port = port_argument();
  u32 listener = 0;
  expect(wasix_sock_open(AF_V4, SOCK_STREAM_, 0, &listener) == 0);
  wasix_sock_set_opt_flag(listener, OPT_REUSE_ADDR, 1);
  addr_port_t address = {.tag = AF_V4, .data = {(u8)port, (u8)(port >> 8), 127, 0, 0, 1}};
  expect(wasix_sock_bind(listener, &address) == 0 && wasix_sock_listen(listener, 128) == 0);
  watch(listener);
  for (;;) {
    u32 found = 0;
    expect(wasi_poll_oneoff(interests, events, count, &found) == 0);
    for (u32 i = 0; i < found; ++i) {
      const u32 fd = (u32)events[i].userdata;
      u32 accepted = 0;
      if (fd != listener) {
        serve(fd);
      } else if (count < CONNECTIONS &&
                 wasix_sock_accept_v2(listener, 0, &accepted, &address) == 0) {
        watch(accepted);
      }
    }
  }
}
#else
#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>

static struct pollfd interests[CONNECTIONS];
static int count;

static void watch(int fd) {
  interests[count].fd = fd;
  interests[count++].events = POLLIN;
}
static void serve(int index) {
  char buffer[4096];
  const int fd = interests[index].fd;
  const int got = (int)read(fd, buffer, sizeof buffer);
  if (got <= 0) {
    close(fd);
    interests[index] = interests[--count];
  } else if (is_request(buffer, got)) {
    write_all(fd, answer, answer_size);
  }
}
int main(int argc, char** argv) {
  prepare_answer();
  expect(argc > 1);
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  const int on = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  struct sockaddr_in address = {.sin_family = AF_INET,
                                .sin_port = htons((uint16_t)parse_port(argv[1])),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  expect(bind(listener, (struct sockaddr*)&address, sizeof address) == 0 &&
         listen(listener, 128) == 0);
  watch(listener);
  for (;;) {
    expect(poll(interests, (nfds_t)count, -1) > 0);
    for (int i = count - 1; i > 0; --i) {
      if (interests[i].revents != 0) serve(i);
    }
    if (interests[0].revents != 0 && count < CONNECTIONS) watch(accept(listener, 0, 0));
  }
}
#endif
