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
    row<random_get>("random_get", kStandard, p0, "random bytes of the kernel"),
    // The process.
    row<proc_exit>("proc_exit", kStandard, p0, "ends the process", Returns::nothing),
    row<proc_raise>("proc_raise", kStandard, p3, "raises a signal in this process"),
    row<sched_yield>("sched_yield", kStandard, p0, "lets others run"),
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
                                         "as sock_recv_from; there is never control data")),
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
                                   "time-outs and linger; closing never waits, so of linger only "
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
