#include "wasi/call_table.h"

#include <algorithm>
#include <array>
#include <tuple>
#include <vector>

#include "wasi/call_support.h"
#include "wasi/calls.h"

namespace brink::wasi {
namespace {

using namespace calls;  // NOLINT(google-build-using-namespace): the table below
using enum Priority;
using Returns = wasm::HostFunction::Returns;

// The old name spaces hold the standard's calls, too: programs of 2019 took all from
// wasi_unstable, the first ones for WASIX took all from wasix_32v1.
constexpr std::uint8_t kPreview1 = offered::preview1 | offered::wasix;
constexpr std::uint8_t kStandard = kPreview1 | offered::unstable;

template <auto Function>
struct Shape;

template <class... Args, Outcome<void> (*Function)(HostCall&, Args...)>
struct Shape<Function> {
  static constexpr auto kWaits = CallRow::Waits::never;
  static constexpr auto kAttempt = &Immediate<Function>::attempt;
};

template <class... Args, Attempt (*Function)(HostCall&, Args...)>
struct Shape<Function> {
  static constexpr auto kWaits = CallRow::Waits::may;
  static constexpr auto kAttempt = Function;
};

template <auto Function>
constexpr CallRow row(std::string_view name, std::uint8_t modules, Priority priority,
                      std::string_view note, Returns returns = Returns::i32) {
  return {modules,
          priority,
          Support::works,
          note,
          Shape<Function>::kWaits,
          wasm::host_function<Shape<Function>::kAttempt>("", name, returns)};
}

/// A call that ends with EINTR when a signal was handled while it waited.
template <auto Function>
constexpr CallRow interruptible(std::string_view name, std::uint8_t modules, Priority priority,
                                std::string_view note) {
  CallRow made = row<Function>(name, modules, priority, note);
  made.function.when_interrupted = static_cast<std::uint32_t>(Errno::intr);
  return made;
}

/// A call that only answers with an error number; the note says why.
template <auto Function>
constexpr CallRow refused(std::string_view name, std::string_view note) {
  CallRow made = row<Function>(name, offered::wasix, p3, note);
  made.support = Support::not_offered;
  return made;
}

constexpr std::string_view kNoNetworks = "NOTSUP: networks belong to the host";
constexpr std::string_view kNoLinking = "NOTSUP: programs are linked statically";
constexpr std::string_view kNoClosures = "NOTSUP: no code is made while a program runs";
constexpr std::string_view kNoContexts = "NOTSUP: a thread has one stack";

/// A call that works in part: the note says how.
constexpr CallRow limited(CallRow row) {
  row.support = Support::limited;
  return row;
}

constexpr std::array kTable = {
    // Arguments and environment.
    row<args_get>("args_get", kStandard, p0, "arguments"),
    row<args_sizes_get>("args_sizes_get", kStandard, p0, "how many arguments, how many bytes"),
    row<environ_get>("environ_get", kStandard, p0, "environment"),
    row<environ_sizes_get>("environ_sizes_get", kStandard, p0,
                           "how many variables, how many bytes"),
    // Clocks and chance.
    row<clock_res_get>("clock_res_get", kStandard, p1, "resolution of a clock"),
    row<clock_time_get>("clock_time_get", kStandard, p0,
                        "realtime, monotonic, processor time of process and thread"),
    row<clock_time_set>("clock_time_set", offered::wasix, p3,
                        "sets the time of day, for this process only"),
    row<random_get>("random_get", kStandard, p0, "random bytes of the kernel"),
    // The process.
    row<proc_exit>("proc_exit", kStandard, p0, "ends the process", Returns::nothing),
    row<sched_yield>("sched_yield", kStandard, p0, "lets others run"),
    // Processes.
    row<proc_id>("proc_id", offered::wasix, p0, "the process's number"),
    row<proc_parent>("proc_parent", offered::wasix, p2, "its parent's, 0 for the first one"),
    row<proc_fork>("proc_fork", offered::wasix, p2,
                   "a copy of the process; in a vfork, too (NOSYS in a worker)"),
    row<proc_fork_env>("proc_fork_env", offered::wasix, p2,
                       "vfork: descriptors and directory are the child's until it runs a program "
                       "or ends (NOSYS in a worker)"),
    row<proc_exit2>("proc_exit2", offered::wasix, p0,
                    "ends the process; returns where proc_fork_env's child ends", Returns::nothing),
    row<proc_join>("proc_join", offered::wasix, p2, "waits for the end of a child"),
    row<proc_exec>("proc_exec", offered::wasix, p3,
                   "runs a command of the package in the process's place; ends with 127 where it "
                   "cannot",
                   Returns::nothing),
    row<proc_exec2>("proc_exec2", offered::wasix, p3, "as proc_exec, with an environment",
                    Returns::nothing),
    row<proc_exec3>("proc_exec3", offered::wasix, p2,
                    "runs a command of the package in the process's place"),
    row<proc_exec4>("proc_exec4", offered::wasix, p2,
                    "as proc_exec3, with lists of strings in place of lines"),
    limited(row<proc_spawn>("proc_spawn", offered::wasix, p3,
                            "runs a command of the package as a child, with pipes for its streams: "
                            "NOTSUP with another root or other directories")),
    row<proc_spawn2>("proc_spawn2", offered::wasix, p2, "runs a command of the package as a child"),
    row<proc_spawn3>("proc_spawn3", offered::wasix, p2,
                     "as proc_spawn2, with lists of strings in place of lines"),
    // Signals.
    row<callback_signal>("callback_signal", offered::wasix, p0,
                         "names the function that handles signals; a name that is not "
                         "exported blocks them",
                         Returns::nothing),
    row<proc_signals_sizes_get>("proc_signals_sizes_get", offered::wasix, p0,
                                "how many signals the process was started with a word about"),
    row<proc_signals_get>("proc_signals_get", offered::wasix, p0, "which of them it ignores"),
    row<proc_raise>("proc_raise", kStandard, p3,
                    "raises a signal in this process; stop signals do nothing"),
    row<proc_signal>("proc_signal", offered::wasix, p1, "kill"),
    row<thread_signal>("thread_signal", offered::wasix, p0,
                       "raises a signal in a thread; the caller handles its own before the "
                       "call returns"),
    limited(row<proc_raise_interval>(
        "proc_raise_interval", offered::wasix, p2,
        "a timer that raises a signal: counts real time, and is seen at calls")),
    limited(row<proc_raise_interval2>("proc_raise_interval2", offered::wasix, p2,
                                      "setitimer: counts real time, and is seen at calls")),
    // Threads.
    row<thread_spawn_v2>("thread_spawn_v2", offered::wasix, p1,
                         "starts a thread, in programs with a shared memory"),
    row<thread_spawn_v2>("thread_spawn", offered::wasix, p1, "as thread_spawn_v2"),
    row<thread_spawn>("thread-spawn", offered::threads, p1,
                      "starts a thread: its number, or a negative error"),
    row<thread_id>("thread_id", offered::wasix, p1,
                   "number of the calling thread; of the first, the process's"),
    row<thread_parallelism>("thread_parallelism", offered::wasix, p1, "usable processors"),
    row<thread_sleep>("thread_sleep", offered::wasix, p1, "sleeps"),
    row<thread_join>("thread_join", offered::wasix, p2, "waits for the end of a thread"),
    row<thread_exit>("thread_exit", offered::wasix, p1,
                     "ends the calling thread, and the process with its last one",
                     Returns::nothing),
    row<futex_wait>("futex_wait", offered::wasix, p0, "waits for a wake-up on a word"),
    row<futex_wake>("futex_wake", offered::wasix, p0, "wakes one who waits"),
    row<futex_wake_all>("futex_wake_all", offered::wasix, p0, "wakes all who wait"),
    // setjmp and longjmp.
    limited(row<stack_checkpoint>("stack_checkpoint", offered::wasix, p2,
                                  "setjmp of asyncified programs: not within a signal handler")),
    row<stack_restore>("stack_restore", offered::wasix, p2, "longjmp of asyncified programs",
                       Returns::nothing),
    // Descriptors.
    row<fd_close>("fd_close", kStandard, p0, "closes any descriptor"),
    row<fd_renumber>("fd_renumber", kStandard, p0,
                     "the standard moves a descriptor, WASIX copies it"),
    row<fd_fdstat_get>("fd_fdstat_get", kStandard, p0, "type, flags and rights"),
    row<fd_fdstat_set_flags>("fd_fdstat_set_flags", kStandard, p0, "append and non-blocking"),
    row<fd_fdstat_set_rights>("fd_fdstat_set_rights", kStandard, p3, "drops rights"),
    row<fd_prestat_get>("fd_prestat_get", kStandard, p0,
                        "whether a directory was open at the start"),
    row<fd_prestat_dir_name>("fd_prestat_dir_name", kStandard, p0, "its name"),
    row<fd_dup>("fd_dup", offered::wasix, p1, "a second number for what is open"),
    row<fd_dup2>("fd_dup2", offered::wasix, p0, "the same, from a number on"),
    row<fd_fdflags_get>("fd_fdflags_get", offered::wasix, p0, "whether exec closes it"),
    row<fd_fdflags_set>("fd_fdflags_set", offered::wasix, p0, "the same, set"),
    row<fd_pipe>("fd_pipe", offered::wasix, p0, "makes a pipe"),
    row<fd_event>("fd_event", offered::wasix, p0, "makes an eventfd: a counter or a semaphore"),
    row<getcwd>("getcwd", offered::wasix, p0, "the working directory"),
    row<chdir>("chdir", offered::wasix, p1, "the working directory, for programs it runs"),
    row<tty_get>("tty_get", offered::wasix, p2,
                 "size and settings of the terminal, 80 x 25 without one"),
    row<tty_set>("tty_set", offered::wasix, p2,
                 "echo and line mode of the terminal; NOTTY without one"),
    // Reading and writing.
    interruptible<fd_read>("fd_read", kStandard, p0, "reads from any descriptor"),
    interruptible<fd_write>("fd_write", kStandard, p0, "writes to any descriptor"),
    interruptible<fd_pread>("fd_pread", kStandard, p0, "reads at an offset"),
    interruptible<fd_pwrite>("fd_pwrite", kStandard, p1, "writes at an offset"),
    row<fd_seek>("fd_seek", kPreview1, p0, "moves the offset"),
    row<fd_tell>("fd_tell", kStandard, p1, "the offset"),
    // Open files.
    row<fd_advise>("fd_advise", kStandard, p3, "how a file will be read"),
    row<fd_allocate>("fd_allocate", kStandard, p3, "makes room for a file"),
    row<fd_datasync>("fd_datasync", kStandard, p2, "writes a file's data to disk"),
    row<fd_sync>("fd_sync", kStandard, p2, "writes a file to disk"),
    row<fd_filestat_get>("fd_filestat_get", kPreview1, p0, "what stat(2) says of an open file"),
    row<fd_filestat_set_size>("fd_filestat_set_size", kStandard, p1, "cuts or extends a file"),
    row<fd_filestat_set_times>("fd_filestat_set_times", kStandard, p2, "times of an open file"),
    // Directories and paths.
    row<fd_readdir>("fd_readdir", kStandard, p0, "entries of a directory"),
    row<path_open>("path_open", kStandard, p1, "opens or creates a file"),
    row<path_open2>("path_open2", offered::wasix, p0, "the same, and whether exec closes it"),
    row<path_create_directory>("path_create_directory", kStandard, p1, "mkdir"),
    row<path_filestat_get>("path_filestat_get", kPreview1, p0, "what stat(2) says of a path"),
    row<path_filestat_set_times>("path_filestat_set_times", kStandard, p2, "times of a path"),
    row<path_link>("path_link", kStandard, p2, "hard link"),
    row<path_readlink>("path_readlink", kStandard, p1, "text of a symbolic link"),
    row<path_remove_directory>("path_remove_directory", kStandard, p1, "rmdir"),
    row<path_rename>("path_rename", kStandard, p1, "rename"),
    row<path_symlink>("path_symlink", kStandard, p2, "symbolic link"),
    row<path_unlink_file>("path_unlink_file", kStandard, p1, "unlink"),
    // Waiting.
    interruptible<poll_oneoff>("poll_oneoff", kPreview1, p0, "waits for descriptors and clocks"),
    row<epoll_create>("epoll_create", offered::wasix, p0, "makes an epoll set"),
    row<epoll_ctl>("epoll_ctl", offered::wasix, p0,
                   "members of an epoll set, level or edge triggered, or for one event"),
    interruptible<epoll_wait>("epoll_wait", offered::wasix, p0, "waits for events of its members"),
    // Where programs of 2019 have other layouts.
    row<unstable_fd_seek>("fd_seek", offered::unstable, p1, "moves the offset"),
    row<unstable_fd_filestat_get>("fd_filestat_get", offered::unstable, p1,
                                  "what stat(2) says of an open file"),
    row<unstable_path_filestat_get>("path_filestat_get", offered::unstable, p1,
                                    "what stat(2) says of a path"),
    interruptible<unstable_poll_oneoff>("poll_oneoff", offered::unstable, p1,
                                        "waits for descriptors and clocks"),
    // Not offered.
    refused<proc_snapshot>("proc_snapshot", "NOTSUP: no state of a program is kept"),
    refused<port_bridge>("port_bridge", kNoNetworks),
    refused<port_unbridge>("port_unbridge", kNoNetworks),
    refused<port_dhcp_acquire>("port_dhcp_acquire", kNoNetworks),
    refused<port_addr_add>("port_addr_add", kNoNetworks),
    refused<port_addr_remove>("port_addr_remove", kNoNetworks),
    refused<port_addr_clear>("port_addr_clear", kNoNetworks),
    refused<port_gateway_set>("port_gateway_set", kNoNetworks),
    refused<port_route_add>("port_route_add", kNoNetworks),
    refused<port_route_remove>("port_route_remove", kNoNetworks),
    refused<port_route_clear>("port_route_clear", kNoNetworks),
    refused<port_route_list>("port_route_list", kNoNetworks),
    refused<port_mac>("port_mac", kNoNetworks),
    refused<dlopen>("dlopen", kNoLinking),
    refused<dlsym>("dlsym", kNoLinking),
    refused<dl_invalid_handle>("dl_invalid_handle", "INVAL: no handle is ever valid"),
    refused<call_dynamic>("call_dynamic", kNoClosures),
    refused<closure_prepare>("closure_prepare", kNoClosures),
    refused<closure_allocate>("closure_allocate", kNoClosures),
    refused<closure_free>("closure_free", kNoClosures),
    refused<reflect_signature>("reflect_signature", kNoClosures),
    refused<context_create>("context_create", kNoContexts),
    refused<context_switch>("context_switch", kNoContexts),
    refused<context_destroy>("context_destroy", kNoContexts),
    // Sockets.
    // Sockets: names and peers.
    row<sock_open>("sock_open", offered::wasix, p0, "a TCP, UDP or Unix socket"),
    row<sock_pair>("sock_pair", offered::wasix, p1, "two connected sockets, of any family"),
    row<sock_bind>("sock_bind", offered::wasix, p0,
                   "asks for an address; a TCP port is taken when the program listens"),
    row<sock_listen>("sock_listen", offered::wasix, p0, "becomes a server"),
    interruptible<sock_accept>("sock_accept", offered::preview1, p3,
                               "takes a connection, of which the peer is not told"),
    interruptible<sock_accept_v2>("sock_accept", offered::wasix, p3, "as sock_accept_v2"),
    interruptible<sock_accept_v2>("sock_accept_v2", offered::wasix, p0, "takes a connection"),
    interruptible<sock_connect>("sock_connect", offered::wasix, p0,
                                "connects, where the rules for egress allow it"),
    row<sock_status>("sock_status", offered::wasix, p1, "how far a connection has come"),
    row<sock_addr_local>("sock_addr_local", offered::wasix, p0, "the socket's address"),
    row<sock_addr_peer>("sock_addr_peer", offered::wasix, p0, "its peer's"),
    // What they carry.
    interruptible<sock_recv>("sock_recv", kStandard, p0, "receives"),
    interruptible<sock_recv_from>("sock_recv_from", offered::wasix, p1,
                                  "receives, and says from whom"),
    limited(interruptible<sock_recv_msg>("sock_recv_msg", offered::wasix, p3,
                                         "as sock_recv_from: there is never control data")),
    interruptible<sock_send>("sock_send", kStandard, p0, "sends"),
    interruptible<sock_send_to>("sock_send_to", offered::wasix, p1,
                                "sends a datagram, where the rules for egress allow it"),
    interruptible<sock_send_file>("sock_send_file", offered::wasix, p0, "sends a part of a file"),
    row<sock_shutdown>("sock_shutdown", kStandard, p0, "closes one direction or both"),
    // Their options.
    limited(row<sock_set_opt_flag>(
        "sock_set_opt_flag", offered::wasix, p0,
        "boolean options; only-IPv6 on [::] counts where IPv4 has the port already, since libc "
        "sends it for its opposite, too; promiscuous is not offered")),
    row<sock_get_opt_flag>("sock_get_opt_flag", offered::wasix, p0, "boolean options"),
    limited(row<sock_set_opt_time>("sock_set_opt_time", offered::wasix, p0,
                                   "time-outs and linger: closing never waits, so of linger only "
                                   "zero has an effect")),
    row<sock_get_opt_time>("sock_get_opt_time", offered::wasix, p1, "time-outs and linger"),
    row<sock_set_opt_size>("sock_set_opt_size", offered::wasix, p0, "buffer sizes, hops"),
    row<sock_get_opt_size>("sock_get_opt_size", offered::wasix, p1,
                           "buffer sizes, hops, type, protocol, error"),
    row<sock_join_multicast_v4>("sock_join_multicast_v4", offered::wasix, p3,
                                "joins a group that the rules for egress allow"),
    row<sock_leave_multicast_v4>("sock_leave_multicast_v4", offered::wasix, p3, "leaves it"),
    row<sock_join_multicast_v6>("sock_join_multicast_v6", offered::wasix, p3,
                                "joins a group that the rules for egress allow"),
    row<sock_leave_multicast_v6>("sock_leave_multicast_v6", offered::wasix, p3, "leaves it"),
    // The network.
    row<calls::resolve>("resolve", offered::wasix, p1,
                        "addresses of a name: from /etc/hosts, then by DNS"),
    limited(
        row<port_addr_list>("port_addr_list", offered::wasix, p2,
                            "the loopback addresses: which others the machine has is not told")),
};

constexpr std::array<std::pair<std::uint8_t, std::string_view>, 4> kModules = {
    {{offered::preview1, "wasi_snapshot_preview1"},
     {offered::wasix, "wasix_32v1"},
     {offered::threads, "wasi"},
     {offered::unstable, "wasi_unstable"}}};

std::vector<wasm::HostFunction> expand() {
  std::vector<wasm::HostFunction> functions;
  for (const CallRow& call : kTable) {
    for (const auto& [bit, module] : kModules) {
      if ((call.modules & bit) == 0) continue;
      functions.push_back(call.function);
      functions.back().module = module;
    }
  }
  std::ranges::sort(functions, {}, [](const wasm::HostFunction& function) {
    return std::tuple(function.module, function.name);
  });
  return functions;
}

}  // namespace

std::span<const CallRow> call_table() { return kTable; }

std::span<const wasm::HostFunction> host_functions() {
  static const std::vector<wasm::HostFunction> kFunctions = expand();
  return kFunctions;
}

}  // namespace brink::wasi
