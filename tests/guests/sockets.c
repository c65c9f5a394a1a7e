/* A program with sockets, without a C library. Its first argument says what it does, the
 * next ones are ports; what it prints says how that went. */
#include "wasix.h"

enum { FOR_EVER_NS = -1 };
static char arguments[512];
static char* argv[8];
static u32 argument_count;

/* Volatile: there is no strlen to make it a call of. */
static u32 length(const volatile char* text) {
  u32 size = 0;
  while (text[size]) ++size;
  return size;
}

static int same(const volatile char* one, const volatile char* two) {
  while (*one && *one == *two) ++one, ++two;
  return *one == *two;
}

static void write_all(u32 fd, const char* bytes, u32 size) {
  const iovec_t vector = {bytes, size};
  u32 written;
  wasi_fd_write(fd, &vector, 1, &written);
}

static void print(const char* text) { write_all(1, text, length(text)); }

static void print_number(const char* label, u64 number) {
  char text[24];
  char* at = text + sizeof text - 1;
  *at = 0;
  *--at = '\n';
  do *--at = (char)('0' + number % 10);
  while (number /= 10);
  print(label);
  print(at);
}

/* What must work: names the call and its error, and ends. */
static void must(const char* call, u32 error) {
  if (error == 0) return;
  print(call);
  print_number(" failed: ", error);
  wasi_proc_exit(1);
}

static u16 port_of(const addr_port_t* address) {
  return (u16)(address->data[0] | address->data[1] << 8);
}

static addr_port_t loopback(u32 port) {
  addr_port_t address = {.tag = AF_V4, .data = {(u8)port, (u8)(port >> 8), 127, 0, 0, 1}};
  return address;
}

static addr_port_t path_name(const char* path) {
  addr_port_t address = {.tag = AF_UNIX_};
  for (volatile u32 i = 0; path[i]; ++i) address.data[i] = (u8)path[i];
  return address;
}

static u32 open_socket(u32 family, u32 type) {
  u32 fd = 0;
  must("sock_open", wasix_sock_open(family, type, 0, &fd));
  return fd;
}

static u32 listener(void) {
  const u32 fd = open_socket(AF_V4, SOCK_STREAM_);
  addr_port_t address = loopback(0);
  must("sock_bind", wasix_sock_bind(fd, &address));
  must("sock_listen", wasix_sock_listen(fd, 16));
  must("sock_addr_local", wasix_sock_addr_local(fd, &address));
  print_number("port ", port_of(&address));
  return fd;
}

static u32 parse_port(const char* text) {
  u32 port = 0;
  while (*text >= '0' && *text <= '9') port = port * 10 + (u32)(*text++ - '0');
  return port;
}

/* Gives back what a client sends until it ends. */
static void echo(u32 fd) {
  static char buffer[65536];
  for (;;) {
    const iovec_t vector = {buffer, sizeof buffer};
    u32 got = 0;
    u16 flags = 0;
    must("sock_recv", wasi_sock_recv(fd, &vector, 1, 0, &got, &flags));
    if (got == 0) break;
    for (u32 at = 0; at < got;) {
      const iovec_t rest = {buffer + at, got - at};
      u32 sent = 0;
      must("sock_send", wasi_sock_send(fd, &rest, 1, 0, &sent));
      at += sent;
    }
  }
  must("sock_shutdown", wasi_sock_shutdown(fd, SHUT_WRITE));
  must("fd_close", wasi_fd_close(fd));
}

static u32 accept_one(u32 fd) {
  addr_port_t peer = {0};
  u32 accepted = 0;
  must("sock_accept_v2", wasix_sock_accept_v2(fd, 0, &accepted, &peer));
  if (port_of(&peer) == 0) must("the peer's port", E_INVAL);
  return accepted;
}

static void echo_blocking(void) { echo(accept_one(listener())); }

static void echo_polled(void) {
  const u32 fd = listener();
  const subscription_t wish = {.userdata = 7, .tag = EVENT_READ, .fd_or_clock = fd};
  event_t event;
  u32 found = 0;
  must("poll_oneoff", wasi_poll_oneoff(&wish, &event, 1, &found));
  if (found != 1 || event.userdata != 7 || event.error) must("the event", E_INVAL);
  const u32 accepted = accept_one(fd);
  u32 none = 0;
  addr_port_t peer;
  if (wasix_sock_accept_v2(fd, 0, &none, &peer) != E_AGAIN) must("an empty queue", E_INVAL);
  echo(accepted);
}

static void echo_epolled(void) {
  const u32 fd = listener();
  u32 set = 0, found = 0;
  must("flags", wasi_fd_fdstat_set_flags(fd, FDFLAG_NONBLOCK));
  must("epoll_create", wasix_epoll_create(&set));
  const epoll_event_t wish = {.events = EPOLL_IN, .fd = fd, .data2 = 99};
  must("epoll_ctl", wasix_epoll_ctl(set, EPOLL_ADD, fd, &wish));
  epoll_event_t event;
  must("epoll_wait", wasix_epoll_wait(set, &event, 1, (u64)FOR_EVER_NS, &found));
  if (found != 1 || event.data2 != 99 || event.fd != fd) must("the event", E_INVAL);
  const u32 accepted = accept_one(fd); /* does not block either, as its listener */
  must("flags", wasi_fd_fdstat_set_flags(accepted, 0));
  echo(accepted);
}

static u32 connect_to(u32 port) {
  const u32 fd = open_socket(AF_V4, SOCK_STREAM_);
  const addr_port_t address = loopback(port);
  const u32 error = wasix_sock_connect(fd, &address);
  if (error) {
    print_number("connect ", error);
    wasi_proc_exit(0);
  }
  return fd;
}

static void receive_and_print(u32 fd) {
  char buffer[256];
  const iovec_t vector = {buffer, sizeof buffer};
  u32 got = 0;
  u16 flags = 0;
  must("sock_recv", wasi_sock_recv(fd, &vector, 1, 0, &got, &flags));
  write_all(1, buffer, got);
  print("\n");
}

static void client(u32 port) {
  const u32 fd = connect_to(port);
  write_all(fd, "question", 8);
  receive_and_print(fd);
}

static void client_nonblocking(u32 port) {
  const u32 fd = open_socket(AF_V4, SOCK_STREAM_);
  const addr_port_t address = loopback(port);
  must("flags", wasi_fd_fdstat_set_flags(fd, FDFLAG_NONBLOCK));
  const u32 error = wasix_sock_connect(fd, &address);
  if (error != E_INPROGRESS) must("sock_connect", error);
  const subscription_t wish = {.tag = EVENT_WRITE, .fd_or_clock = fd};
  event_t event;
  u32 found = 0;
  u8 status = 0;
  must("poll_oneoff", wasi_poll_oneoff(&wish, &event, 1, &found));
  must("sock_status", wasix_sock_status(fd, &status));
  print_number("status ", status);
  must("flags", wasi_fd_fdstat_set_flags(fd, 0));
  write_all(fd, "question", 8);
  receive_and_print(fd);
}

/* Both ends in one program: nothing outside has to be reachable. */
static void own_loopback(void) {
  const u32 server = listener();
  addr_port_t address;
  must("sock_addr_local", wasix_sock_addr_local(server, &address));
  const u32 one = connect_to(port_of(&address));
  const u32 other = accept_one(server);
  write_all(one, "to myself", 9);
  receive_and_print(other);
}

static void send_datagram(u32 fd, const char* text, const addr_port_t* to) {
  const iovec_t vector = {text, length(text)};
  u32 sent = 0;
  const u32 error = wasix_sock_send_to(fd, &vector, 1, 0, to, &sent);
  if (error) print_number("send ", error);
}

static void datagrams(u32 port) {
  const u32 fd = open_socket(AF_V4, SOCK_DGRAM_);
  addr_port_t address = loopback(0);
  must("sock_bind", wasix_sock_bind(fd, &address));
  must("sock_addr_local", wasix_sock_addr_local(fd, &address));
  send_datagram(fd, "own", &address);
  char buffer[64];
  const iovec_t vector = {buffer, sizeof buffer};
  u32 got = 0;
  u16 flags = 0;
  addr_port_t from;
  must("sock_recv_from", wasix_sock_recv_from(fd, &vector, 1, 0, &got, &flags, &from));
  write_all(1, buffer, got);
  print(port_of(&from) == port_of(&address) ? " from itself\n" : " from elsewhere\n");
  if (port == 0) return;
  address = loopback(port);
  send_datagram(fd, "question", &address);
}

static void unix_stream(void) {
  const u32 server = open_socket(AF_UNIX_, SOCK_STREAM_);
  const addr_port_t name = path_name("/tmp/service");
  must("sock_bind", wasix_sock_bind(server, &name));
  must("sock_listen", wasix_sock_listen(server, 4));
  const u32 one = open_socket(AF_UNIX_, SOCK_STREAM_);
  must("sock_connect", wasix_sock_connect(one, &name));
  u32 other = 0;
  addr_port_t peer;
  must("sock_accept_v2", wasix_sock_accept_v2(server, 0, &other, &peer));
  write_all(one, "by name", 7);
  receive_and_print(other);
  const u32 late = open_socket(AF_UNIX_, SOCK_STREAM_);
  print_number("taken ", wasix_sock_bind(late, &name));
  must("unlink", wasi_path_unlink_file(3, "tmp/service", 11));
  print_number("gone ", wasix_sock_connect(late, &name));
}

static void pair(void) {
  static const u32 types[] = {SOCK_STREAM_, SOCK_DGRAM_};
  for (u32 i = 0; i < 2; ++i) {
    u32 one = 0, two = 0;
    must("sock_pair", wasix_sock_pair(AF_UNIX_, types[i], 0, &one, &two));
    write_all(one, "pair", 4);
    receive_and_print(two);
  }
}

/* A file of the scratch directory, several times the size of a socket's buffer. */
static void send_file(u32 port) {
  enum { PIECE = 65536, PIECES = 48 };
  static char piece[PIECE];
  u32 file = 0;
  u64 at = 0, sent = 0;
  must("path_open2",
       wasix_path_open2(3, 0, "tmp/large", 9, OFLAG_CREAT, 0x1fffffff, 0, 0, 0, &file));
  for (u32 i = 0; i < PIECES; ++i) write_all(file, piece, PIECE);
  must("fd_seek", wasi_fd_seek(file, 0, 0, &at));
  const u32 fd = connect_to(port);
  while (at < (u64)PIECE * PIECES) {
    must("sock_send_file", wasix_sock_send_file(fd, file, at, (u64)PIECE * PIECES - at, &sent));
    at += sent;
  }
  print_number("sent ", at);
}

static void resolve(void) {
  addr_ip_t found[4];
  u32 count = 0;
  must("resolve", wasix_resolve("localhost", 9, 0, found, 4, &count));
  for (u32 i = 0; i < count; ++i) {
    if (found[i].tag == AF_V4) print_number("first byte ", found[i].data[0]);
    if (found[i].tag == AF_V6) print_number("last byte ", found[i].data[15]);
  }
}

static void run(const char* what, u32 port) {
  if (same(what, "echo")) return echo_blocking();
  if (same(what, "echo-poll")) return echo_polled();
  if (same(what, "echo-epoll")) return echo_epolled();
  if (same(what, "client")) return client(port);
  if (same(what, "client-nonblocking")) return client_nonblocking(port);
  if (same(what, "own")) return own_loopback();
  if (same(what, "datagrams")) return datagrams(port);
  if (same(what, "unix")) return unix_stream();
  if (same(what, "pair")) return pair();
  if (same(what, "send-file")) return send_file(port);
  if (same(what, "resolve")) return resolve();
  print("what?\n");
  wasi_proc_exit(2);
}

__attribute__((export_name("_start"))) void _start(void) {
  u32 size = 0;
  must("args_sizes_get", wasi_args_sizes_get(&argument_count, &size));
  if (argument_count > 8 || size > sizeof arguments) must("arguments", E_2BIG);
  must("args_get", wasi_args_get(argv, arguments));
  if (argument_count < 2) must("arguments", E_INVAL);
  run(argv[1], argument_count > 2 ? parse_port(argv[2]) : 0);
  wasi_proc_exit(0);
}
