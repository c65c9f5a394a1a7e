/* Import declarations for test guests, freestanding: every call of wasix_32v1 and of the
   module `wasi`, and those of preview1, with the numbers and layouts that tests use. A
   program that calls one of wasix_* gets the WASIX dialect.

   Names: wasix_NAME is imported from wasix_32v1, wasi_NAME from wasi_snapshot_preview1,
   wasi_thread_spawn from `wasi`; an import appears in the module only where it is used.
   Calls give an error number (0: success) unless they say otherwise. What a call writes
   comes last, as a pointer. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define WASIX_FROM(module, name) __attribute__((import_module(module), import_name(name))) extern
#define WASIX_X(name) WASIX_FROM("wasix_32v1", name)
#define WASIX_P(name) WASIX_FROM("wasi_snapshot_preview1", name)

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int32_t i32;
typedef int64_t i64;

/* Error numbers. */
enum {
  E_SUCCESS = 0,
  E_2BIG = 1,
  E_ACCES = 2,
  E_ADDRINUSE = 3,
  E_ADDRNOTAVAIL = 4,
  E_AFNOSUPPORT = 5,
  E_AGAIN = 6,
  E_ALREADY = 7,
  E_BADF = 8,
  E_BUSY = 10,
  E_CHILD = 12,
  E_CONNABORTED = 13,
  E_CONNREFUSED = 14,
  E_CONNRESET = 15,
  E_DEADLK = 16,
  E_DESTADDRREQ = 17,
  E_EXIST = 20,
  E_FAULT = 21,
  E_FBIG = 22,
  E_HOSTUNREACH = 23,
  E_INPROGRESS = 26,
  E_INTR = 27,
  E_INVAL = 28,
  E_IO = 29,
  E_ISCONN = 30,
  E_ISDIR = 31,
  E_LOOP = 32,
  E_MFILE = 33,
  E_MSGSIZE = 35,
  E_NAMETOOLONG = 37,
  E_NETUNREACH = 40,
  E_NOENT = 44,
  E_NOEXEC = 45,
  E_NOMEM = 48,
  E_NOPROTOOPT = 50,
  E_NOSPC = 51,
  E_NOSYS = 52,
  E_NOTCONN = 53,
  E_NOTDIR = 54,
  E_NOTEMPTY = 55,
  E_NOTSOCK = 57,
  E_NOTSUP = 58,
  E_NOTTY = 59,
  E_OVERFLOW = 61,
  E_PERM = 63,
  E_PIPE = 64,
  E_PROTONOSUPPORT = 66,
  E_PROTOTYPE = 67,
  E_RANGE = 68,
  E_ROFS = 69,
  E_SPIPE = 70,
  E_SRCH = 71,
  E_TIMEDOUT = 73,
  E_XDEV = 75,
  E_NOTCAPABLE = 76
};

/* Flags and kinds. */
enum { FDFLAG_APPEND = 1, FDFLAG_NONBLOCK = 4 };
enum { FDEXT_CLOEXEC = 1 };
enum { OFLAG_CREAT = 1, OFLAG_DIRECTORY = 2, OFLAG_EXCL = 4, OFLAG_TRUNC = 8 };
enum { LOOKUP_FOLLOW = 1 };
enum { FILETYPE_CHARACTER = 2, FILETYPE_DIRECTORY = 3, FILETYPE_FILE = 4 };
enum { FILETYPE_DATAGRAM = 5, FILETYPE_STREAM = 6, FILETYPE_LINK = 7, FILETYPE_SEQPACKET = 9 };
enum { AF_UNSPEC_ = 0, AF_V4 = 1, AF_V6 = 2, AF_UNIX_ = 3 };
enum { SOCK_STREAM_ = 1, SOCK_DGRAM_ = 2, SOCK_RAW_ = 3, SOCK_SEQPACKET_ = 4 };
enum { RECV_PEEK = 1, RECV_WAITALL = 2, RECV_TRUNC = 4, RECV_DONTWAIT = 8 };
enum { SEND_DONTWAIT = 1 };
enum { SHUT_READ = 1, SHUT_WRITE = 2 };
enum { EVENT_CLOCK = 0, EVENT_READ = 1, EVENT_WRITE = 2 };
enum { POLL_ABSOLUTE = 1, POLL_HANGUP = 1 };
enum { EPOLL_ADD = 0, EPOLL_MOD = 1, EPOLL_DEL = 2, EPOLL_MOD_LINUX = 3 };
enum {
  EPOLL_IN = 1,
  EPOLL_OUT = 2,
  EPOLL_RDHUP = 4,
  EPOLL_PRI = 8,
  EPOLL_ERR = 0x10,
  EPOLL_HUP = 0x20,
  EPOLL_ET = 0x40,
  EPOLL_ONESHOT = 0x80
};
enum {
  OPT_NOOP = 0,
  OPT_REUSE_PORT = 1,
  OPT_REUSE_ADDR = 2,
  OPT_NO_DELAY = 3,
  OPT_DONT_ROUTE = 4,
  OPT_ONLY_V6 = 5,
  OPT_BROADCAST = 6,
  OPT_MULTICAST_LOOP_V4 = 7,
  OPT_MULTICAST_LOOP_V6 = 8,
  OPT_PROMISCUOUS = 9,
  OPT_LISTENING = 10,
  OPT_LAST_ERROR = 11,
  OPT_KEEP_ALIVE = 12,
  OPT_LINGER = 13,
  OPT_OOB_INLINE = 14,
  OPT_RECV_BUFFER = 15,
  OPT_SEND_BUFFER = 16,
  OPT_RECV_LOWAT = 17,
  OPT_SEND_LOWAT = 18,
  OPT_RECV_TIMEOUT = 19,
  OPT_SEND_TIMEOUT = 20,
  OPT_CONNECT_TIMEOUT = 21,
  OPT_ACCEPT_TIMEOUT = 22,
  OPT_TTL = 23,
  OPT_MULTICAST_TTL_V4 = 24,
  OPT_TYPE = 25,
  OPT_PROTOCOL = 26
};
enum { CLOCK_REAL = 0, CLOCK_MONO = 1, CLOCK_PROCESS = 2, CLOCK_THREAD = 3 };
enum { JOIN_NOTHING = 0, JOIN_EXITED = 1, JOIN_SIGNALLED = 2, JOIN_STOPPED = 3 };
enum { JOIN_NOHANG = 1 };

/* Structures, little-endian with natural alignment. */
typedef struct {
  const void* data;
  u32 size;
} iovec_t;
typedef struct {
  u8 tag; /* 0: a directory */
  u32 name_size;
} prestat_t;
typedef struct {
  u8 type;
  u16 flags;
  u64 rights, inheriting;
} fdstat_t;
typedef struct {
  u64 device, inode;
  u8 type;
  u64 links, size, accessed, modified, changed;
} filestat_t;
typedef struct {
  u64 next, inode;
  u32 name_size;
  u8 type;
} dirent_t;
typedef struct {
  u64 userdata;
  u8 tag; /* EVENT_ */
  u8 pad[7];
  u32 fd_or_clock;
  u64 timeout, precision;
  u16 flags;
} subscription_t;
typedef struct {
  u64 userdata;
  u16 error;
  u8 type;
  u64 bytes;
  u16 flags;
} event_t;
typedef struct {
  u32 events, pad, ptr, fd, data1;
  u64 data2;
} epoll_event_t;
/* tag 1: port, 4 bytes of address; 2: port, 16 bytes, flow information and scope, each
   the high half first; 3: a path from offset 2 on. */
typedef struct {
  u8 tag, pad;
  u8 data[108];
} addr_port_t;
typedef struct {
  u8 tag, pad;
  u8 data[16];
} addr_ip_t;
typedef struct {
  u8 tag, pad;
  u8 data[26]; /* the address, then the prefix's length */
} addr_cidr_t;
typedef struct {
  u8 data[176];
} route_t;
typedef struct {
  u8 tag; /* 1: there is a value */
  u64 value;
} option_timestamp_t;
typedef struct {
  u8 tag;
  u32 value;
} option_u32_t; /* option_pid, option_fd */
typedef struct {
  u8 tag; /* JOIN_ */
  u8 pad;
  u16 code;
  u8 signal; /* of JOIN_SIGNALLED */
  u8 pad2;
} join_status_t;
typedef struct {
  u8 signal, disposition; /* 0 default, 1 ignore */
} signal_disposition_t;
typedef struct {
  u32 pid;
  option_u32_t in, out, err;
} process_handles_t;
typedef struct {
  u32 columns, rows, width, height;
  u8 stdin_tty, stdout_tty, stderr_tty, echo, line_buffered, line_feeds;
} tty_t;
typedef struct {
  u8 command; /* 0 close, 1 dup2, 2 open, 3 chdir, 4 fchdir */
  u32 fd, source;
  const char* path;
  u32 path_size, lookup;
  u16 oflags;
  u64 rights, inheriting;
  u16 fdflags, fdext;
} spawn_action_t;
typedef struct {
  u8 data[64];
} thread_start_t; /* see the thread ABI: stack top @0, TLS @4, function @8, argument @12 */
typedef struct {
  u64 interval_seconds;
  u32 interval_micros;
  u64 value_seconds;
  u32 value_micros;
} itimer_t;
typedef struct {
  u64 user, hash[2];
} stack_snapshot_t;

_Static_assert(sizeof(iovec_t) == 8 && sizeof(prestat_t) == 8 && sizeof(fdstat_t) == 24, "");
_Static_assert(sizeof(filestat_t) == 64 && sizeof(dirent_t) == 24, "");
_Static_assert(sizeof(subscription_t) == 48 && sizeof(event_t) == 32, "");
_Static_assert(sizeof(epoll_event_t) == 32 && sizeof(addr_port_t) == 110, "");
_Static_assert(sizeof(addr_ip_t) == 18 && sizeof(addr_cidr_t) == 28, "");
_Static_assert(sizeof(option_timestamp_t) == 16 && sizeof(option_u32_t) == 8, "");
_Static_assert(sizeof(join_status_t) == 6 && sizeof(process_handles_t) == 28, "");
_Static_assert(sizeof(tty_t) == 24, "");
_Static_assert(sizeof(spawn_action_t) == 56 && sizeof(stack_snapshot_t) == 24, "");

/* ---- wasi: threads ---- */
/* The thread's number, or a negative one. */
WASIX_FROM("wasi", "thread-spawn") i32 wasi_thread_spawn(void* start);

/* ---- wasi_snapshot_preview1 ---- */
WASIX_P("args_get") u32 wasi_args_get(char** argv, char* bytes);
WASIX_P("args_sizes_get") u32 wasi_args_sizes_get(u32* count, u32* size);
WASIX_P("environ_get") u32 wasi_environ_get(char** environ, char* bytes);
WASIX_P("environ_sizes_get") u32 wasi_environ_sizes_get(u32* count, u32* size);
WASIX_P("clock_res_get") u32 wasi_clock_res_get(u32 clock, u64* resolution);
WASIX_P("clock_time_get") u32 wasi_clock_time_get(u32 clock, u64 precision, u64* time);
WASIX_P("fd_advise") u32 wasi_fd_advise(u32 fd, u64 offset, u64 size, u32 advice);
WASIX_P("fd_allocate") u32 wasi_fd_allocate(u32 fd, u64 offset, u64 size);
WASIX_P("fd_close") u32 wasi_fd_close(u32 fd);
WASIX_P("fd_datasync") u32 wasi_fd_datasync(u32 fd);
WASIX_P("fd_fdstat_get") u32 wasi_fd_fdstat_get(u32 fd, fdstat_t* stat);
WASIX_P("fd_fdstat_set_flags") u32 wasi_fd_fdstat_set_flags(u32 fd, u32 flags);
WASIX_P("fd_fdstat_set_rights") u32 wasi_fd_fdstat_set_rights(u32 fd, u64 base, u64 inheriting);
WASIX_P("fd_filestat_get") u32 wasi_fd_filestat_get(u32 fd, filestat_t* stat);
WASIX_P("fd_filestat_set_size") u32 wasi_fd_filestat_set_size(u32 fd, u64 size);
WASIX_P("fd_filestat_set_times")
u32 wasi_fd_filestat_set_times(u32 fd, u64 accessed, u64 modified, u32 which);
WASIX_P("fd_pread")
u32 wasi_fd_pread(u32 fd, const iovec_t* iovecs, u32 count, u64 offset, u32* size);
WASIX_P("fd_prestat_get") u32 wasi_fd_prestat_get(u32 fd, prestat_t* stat);
WASIX_P("fd_prestat_dir_name") u32 wasi_fd_prestat_dir_name(u32 fd, char* name, u32 size);
WASIX_P("fd_pwrite")
u32 wasi_fd_pwrite(u32 fd, const iovec_t* iovecs, u32 count, u64 offset, u32* size);
WASIX_P("fd_read") u32 wasi_fd_read(u32 fd, const iovec_t* iovecs, u32 count, u32* size);
WASIX_P("fd_readdir")
u32 wasi_fd_readdir(u32 fd, void* buffer, u32 size, u64 cookie, u32* used);
WASIX_P("fd_renumber") u32 wasi_fd_renumber(u32 from, u32 to);
WASIX_P("fd_seek") u32 wasi_fd_seek(u32 fd, i64 delta, u32 whence, u64* offset);
WASIX_P("fd_sync") u32 wasi_fd_sync(u32 fd);
WASIX_P("fd_tell") u32 wasi_fd_tell(u32 fd, u64* offset);
WASIX_P("fd_write") u32 wasi_fd_write(u32 fd, const iovec_t* iovecs, u32 count, u32* size);
WASIX_P("path_create_directory")
u32 wasi_path_create_directory(u32 fd, const char* path, u32 size);
WASIX_P("path_filestat_get")
u32 wasi_path_filestat_get(u32 fd, u32 lookup, const char* path, u32 size, filestat_t* stat);
WASIX_P("path_filestat_set_times")
u32 wasi_path_filestat_set_times(u32 fd, u32 lookup, const char* path, u32 size, u64 accessed,
                                 u64 modified, u32 which);
WASIX_P("path_link")
u32 wasi_path_link(u32 old_fd, u32 lookup, const char* old_path, u32 old_size, u32 new_fd,
                   const char* new_path, u32 new_size);
WASIX_P("path_open")
u32 wasi_path_open(u32 fd, u32 lookup, const char* path, u32 size, u32 oflags, u64 base,
                   u64 inheriting, u32 fdflags, u32* opened);
WASIX_P("path_readlink")
u32 wasi_path_readlink(u32 fd, const char* path, u32 size, char* buffer, u32 room, u32* used);
WASIX_P("path_remove_directory")
u32 wasi_path_remove_directory(u32 fd, const char* path, u32 size);
WASIX_P("path_rename")
u32 wasi_path_rename(u32 old_fd, const char* old_path, u32 old_size, u32 new_fd,
                     const char* new_path, u32 new_size);
WASIX_P("path_symlink")
u32 wasi_path_symlink(const char* target, u32 target_size, u32 fd, const char* path, u32 size);
WASIX_P("path_unlink_file") u32 wasi_path_unlink_file(u32 fd, const char* path, u32 size);
WASIX_P("poll_oneoff")
u32 wasi_poll_oneoff(const subscription_t* subscriptions, event_t* events, u32 count, u32* found);
WASIX_P("proc_exit") _Noreturn void wasi_proc_exit(u32 code);
WASIX_P("proc_raise") u32 wasi_proc_raise(u32 signal);
WASIX_P("sched_yield") u32 wasi_sched_yield(void);
WASIX_P("random_get") u32 wasi_random_get(void* buffer, u32 size);
WASIX_P("sock_accept") u32 wasi_sock_accept(u32 fd, u32 fdflags, u32* accepted);
WASIX_P("sock_recv")
u32 wasi_sock_recv(u32 fd, const iovec_t* iovecs, u32 count, u32 flags, u32* size, u16* oflags);
WASIX_P("sock_send")
u32 wasi_sock_send(u32 fd, const iovec_t* iovecs, u32 count, u32 flags, u32* size);
WASIX_P("sock_shutdown") u32 wasi_sock_shutdown(u32 fd, u32 how);

/* ---- wasix_32v1: descriptors and files ---- */
WASIX_X("clock_time_set") u32 wasix_clock_time_set(u32 clock, u64 time);
WASIX_X("fd_dup") u32 wasix_fd_dup(u32 fd, u32* copy);
WASIX_X("fd_dup2") u32 wasix_fd_dup2(u32 fd, u32 least, u32 cloexec, u32* copy);
WASIX_X("fd_event") u32 wasix_fd_event(u64 value, u32 flags, u32* fd);
WASIX_X("fd_pipe") u32 wasix_fd_pipe(u32* read_end, u32* write_end);
WASIX_X("fd_fdflags_get") u32 wasix_fd_fdflags_get(u32 fd, u16* flags);
WASIX_X("fd_fdflags_set") u32 wasix_fd_fdflags_set(u32 fd, u32 flags);
WASIX_X("tty_get") u32 wasix_tty_get(tty_t* tty);
WASIX_X("tty_set") u32 wasix_tty_set(const tty_t* tty);
WASIX_X("getcwd") u32 wasix_getcwd(char* path, u32* size);
WASIX_X("chdir") u32 wasix_chdir(const char* path, u32 size);
WASIX_X("path_open2")
u32 wasix_path_open2(u32 fd, u32 lookup, const char* path, u32 size, u32 oflags, u64 base,
                     u64 inheriting, u32 fdflags, u32 fdext, u32* opened);

/* ---- signals, threads, futexes ---- */
WASIX_X("callback_signal") void wasix_callback_signal(const char* name, u32 size);
WASIX_X("thread_spawn_v2") u32 wasix_thread_spawn_v2(void* start, u32* tid);
WASIX_X("thread_spawn") u32 wasix_thread_spawn(void* start, u32* tid);
WASIX_X("thread_sleep") u32 wasix_thread_sleep(u64 nanoseconds);
WASIX_X("thread_id") u32 wasix_thread_id(u32* tid);
WASIX_X("thread_join") u32 wasix_thread_join(u32 tid);
WASIX_X("thread_parallelism") u32 wasix_thread_parallelism(u32* count);
WASIX_X("thread_signal") u32 wasix_thread_signal(u32 tid, u32 signal);
WASIX_X("futex_wait")
u32 wasix_futex_wait(volatile u32* word, u32 expected, const option_timestamp_t* timeout,
                     u8* woken);
WASIX_X("futex_wake") u32 wasix_futex_wake(volatile u32* word, u8* woken);
WASIX_X("futex_wake_all") u32 wasix_futex_wake_all(volatile u32* word, u8* woken);
WASIX_X("thread_exit") _Noreturn void wasix_thread_exit(u32 code);
WASIX_X("stack_checkpoint") u32 wasix_stack_checkpoint(stack_snapshot_t* snapshot, u64* value);
WASIX_X("stack_restore")
_Noreturn void wasix_stack_restore(const stack_snapshot_t* snapshot, u64 value);

/* ---- processes ---- */
WASIX_X("proc_raise_interval") u32 wasix_proc_raise_interval(u32 signal, u64 interval, u32 repeat);
WASIX_X("proc_raise_interval2")
u32 wasix_proc_raise_interval2(u32 signal, const itimer_t* new_value, itimer_t* old_value);
WASIX_X("proc_fork") u32 wasix_proc_fork(u32 copy_memory, u32* pid);
WASIX_X("proc_fork_env") u32 wasix_proc_fork_env(u32* pid);
WASIX_X("proc_exit2") void wasix_proc_exit2(u32 code);
/* The oldest two give no result: they return on failure only, or in a fork_env child. */
WASIX_X("proc_exec")
void wasix_proc_exec(const char* name, u32 size, const char* args, u32 args_size);
WASIX_X("proc_exec2")
void wasix_proc_exec2(const char* name, u32 size, const char* args, u32 args_size, const char* envs,
                      u32 envs_size);
WASIX_X("proc_exec3")
u32 wasix_proc_exec3(const char* name, u32 size, const char* args, u32 args_size, const char* envs,
                     u32 envs_size, u32 search_path, const char* path, u32 path_size);
WASIX_X("proc_exec4")
u32 wasix_proc_exec4(const char* name, u32 size, const char* const* args, u32 args_count,
                     const char* const* envs, u32 envs_count, u32 search_path, const char* path,
                     u32 path_size);
WASIX_X("proc_spawn")
u32 wasix_proc_spawn(const char* name, u32 size, u32 chroot, const char* args, u32 args_size,
                     const char* preopen, u32 preopen_size, u32 in, u32 out, u32 err,
                     const char* directory, u32 directory_size, process_handles_t* handles);
WASIX_X("proc_spawn2")
u32 wasix_proc_spawn2(const char* name, u32 size, const char* args, u32 args_size, const char* envs,
                      u32 envs_size, const spawn_action_t* actions, u32 action_count,
                      const signal_disposition_t* signals, u32 signal_count, u32 search_path,
                      const char* path, u32 path_size, u32* pid);
WASIX_X("proc_spawn3")
u32 wasix_proc_spawn3(const char* name, u32 size, const char* const* args, u32 args_count,
                      const char* const* envs, u32 envs_count, const spawn_action_t* actions,
                      u32 action_count, const signal_disposition_t* signals, u32 signal_count,
                      u32 search_path, const char* path, u32 path_size, u32* pid);
WASIX_X("proc_id") u32 wasix_proc_id(u32* pid);
WASIX_X("proc_parent") u32 wasix_proc_parent(u32 pid, u32* parent);
WASIX_X("proc_join") u32 wasix_proc_join(option_u32_t* pid, u32 flags, join_status_t* status);
WASIX_X("proc_signal") u32 wasix_proc_signal(u32 pid, u32 signal);
WASIX_X("proc_signals_get") u32 wasix_proc_signals_get(signal_disposition_t* dispositions);
WASIX_X("proc_signals_sizes_get") u32 wasix_proc_signals_sizes_get(u32* count);
WASIX_X("proc_snapshot") u32 wasix_proc_snapshot(void);

/* ---- the network's administration ---- */
WASIX_X("port_bridge")
u32 wasix_port_bridge(const char* network, u32 size, const char* token, u32 token_size,
                      u32 security);
WASIX_X("port_unbridge") u32 wasix_port_unbridge(void);
WASIX_X("port_dhcp_acquire") u32 wasix_port_dhcp_acquire(void);
WASIX_X("port_addr_add") u32 wasix_port_addr_add(const addr_cidr_t* address);
WASIX_X("port_addr_remove") u32 wasix_port_addr_remove(const addr_ip_t* address);
WASIX_X("port_addr_clear") u32 wasix_port_addr_clear(void);
WASIX_X("port_mac") u32 wasix_port_mac(u8* mac);
WASIX_X("port_addr_list") u32 wasix_port_addr_list(addr_cidr_t* addresses, u32* count);
WASIX_X("port_gateway_set") u32 wasix_port_gateway_set(const addr_ip_t* address);
WASIX_X("port_route_add")
u32 wasix_port_route_add(const addr_cidr_t* cidr, const addr_ip_t* via,
                         const option_timestamp_t* preferred, const option_timestamp_t* expires);
WASIX_X("port_route_remove") u32 wasix_port_route_remove(const addr_ip_t* cidr);
WASIX_X("port_route_clear") u32 wasix_port_route_clear(void);
WASIX_X("port_route_list") u32 wasix_port_route_list(route_t* routes, u32* count);

/* ---- sockets ---- */
WASIX_X("sock_status") u32 wasix_sock_status(u32 fd, u8* status);
WASIX_X("sock_addr_local") u32 wasix_sock_addr_local(u32 fd, void* address);
WASIX_X("sock_addr_peer") u32 wasix_sock_addr_peer(u32 fd, void* address);
WASIX_X("sock_open") u32 wasix_sock_open(u32 family, u32 type, u32 protocol, u32* fd);
WASIX_X("sock_pair") u32 wasix_sock_pair(u32 family, u32 type, u32 protocol, u32* one, u32* two);
WASIX_X("sock_set_opt_flag") u32 wasix_sock_set_opt_flag(u32 fd, u32 option, u32 value);
WASIX_X("sock_get_opt_flag") u32 wasix_sock_get_opt_flag(u32 fd, u32 option, u8* value);
WASIX_X("sock_set_opt_time")
u32 wasix_sock_set_opt_time(u32 fd, u32 option, const option_timestamp_t* value);
WASIX_X("sock_get_opt_time")
u32 wasix_sock_get_opt_time(u32 fd, u32 option, option_timestamp_t* value);
WASIX_X("sock_set_opt_size") u32 wasix_sock_set_opt_size(u32 fd, u32 option, u64 value);
WASIX_X("sock_get_opt_size") u32 wasix_sock_get_opt_size(u32 fd, u32 option, u64* value);
WASIX_X("sock_join_multicast_v4")
u32 wasix_sock_join_multicast_v4(u32 fd, const void* group, const void* interface_address);
WASIX_X("sock_leave_multicast_v4")
u32 wasix_sock_leave_multicast_v4(u32 fd, const void* group, const void* interface_address);
WASIX_X("sock_join_multicast_v6")
u32 wasix_sock_join_multicast_v6(u32 fd, const void* group, u32 interface_index);
WASIX_X("sock_leave_multicast_v6")
u32 wasix_sock_leave_multicast_v6(u32 fd, const void* group, u32 interface_index);
WASIX_X("sock_bind") u32 wasix_sock_bind(u32 fd, const void* address);
WASIX_X("sock_listen") u32 wasix_sock_listen(u32 fd, u32 backlog);
WASIX_X("sock_accept_v2")
u32 wasix_sock_accept_v2(u32 fd, u32 fdflags, u32* accepted, void* peer);
WASIX_X("sock_accept") u32 wasix_sock_accept(u32 fd, u32 fdflags, u32* accepted, void* peer);
WASIX_X("sock_connect") u32 wasix_sock_connect(u32 fd, const void* address);
WASIX_X("sock_recv_from")
u32 wasix_sock_recv_from(u32 fd, const iovec_t* iovecs, u32 count, u32 flags, u32* size,
                         u16* oflags, void* sender);
WASIX_X("sock_recv_msg")
u32 wasix_sock_recv_msg(u32 fd, const iovec_t* iovecs, u32 count, u32 flags, void* sender,
                        void* control, u32 control_room, u32* size, u16* oflags, u32* control_size);
WASIX_X("sock_send_to")
u32 wasix_sock_send_to(u32 fd, const iovec_t* iovecs, u32 count, u32 flags, const void* receiver,
                       u32* size);
WASIX_X("sock_send_file")
u32 wasix_sock_send_file(u32 out, u32 in, u64 offset, u64 count, u64* size);
WASIX_X("resolve")
u32 wasix_resolve(const char* name, u32 size, u32 port, addr_ip_t* addresses, u32 room, u32* found);

/* ---- epoll ---- */
WASIX_X("epoll_create") u32 wasix_epoll_create(u32* fd);
WASIX_X("epoll_ctl") u32 wasix_epoll_ctl(u32 epoll, u32 op, u32 fd, const epoll_event_t* event);
WASIX_X("epoll_wait")
u32 wasix_epoll_wait(u32 epoll, epoll_event_t* events, u32 room, u64 timeout, u32* found);

/* ---- dynamic linking and contexts ---- */
WASIX_X("dl_invalid_handle") u32 wasix_dl_invalid_handle(u32 handle);
WASIX_X("dlopen")
u32 wasix_dlopen(const char* path, u32 size, u32 flags, char* error, u32 error_room,
                 const char* search, u32 search_size, u32* handle);
WASIX_X("dlsym")
u32 wasix_dlsym(u32 handle, const char* name, u32 size, char* error, u32 error_room, u32* value);
WASIX_X("call_dynamic")
u32 wasix_call_dynamic(u32 function, const void* values, u32 values_size, void* results,
                       u32 results_size, u32 strict);
WASIX_X("closure_prepare")
u32 wasix_closure_prepare(u32 function, u32 closure, const u8* arguments, u32 argument_count,
                          const u8* results, u32 result_count, const void* data);
WASIX_X("closure_allocate") u32 wasix_closure_allocate(u32* closure);
WASIX_X("closure_free") u32 wasix_closure_free(u32 closure);
WASIX_X("reflect_signature")
u32 wasix_reflect_signature(u32 function, u8* arguments, u32 argument_room, u8* results,
                            u32 result_room, void* result);
WASIX_X("context_create") u32 wasix_context_create(u64* context, u32 function);
WASIX_X("context_switch") u32 wasix_context_switch(u64 context);
WASIX_X("context_destroy") u32 wasix_context_destroy(u64 context);
