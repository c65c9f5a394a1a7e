#pragma once

#include <cstdint>

#include "wasi/errno.h"
#include "wasm/host_call.h"

/// The calls of WASI preview1 and WASIX, one C++ function each, named and with
/// parameters in the order of the witx; what returns a value there takes the address of the
/// result here. Addresses, lengths and descriptors are the guest's and may be
/// anything. Those that can wait are attempts, the rest return an error number.
namespace brink::wasi::calls {

using wasm::Attempt;
using wasm::HostCall;
using u32 = std::uint32_t;
using u64 = std::uint64_t;

// Arguments and environment (environment_calls.cc).
Outcome<void> args_get(HostCall&, u32 argv, u32 bytes);
Outcome<void> args_sizes_get(HostCall&, u32 count_out, u32 size_out);
Outcome<void> environ_get(HostCall&, u32 environ, u32 bytes);
Outcome<void> environ_sizes_get(HostCall&, u32 count_out, u32 size_out);

// Clocks and chance (clock_calls.cc, random_calls.cc).
Outcome<void> clock_res_get(HostCall&, u32 clock, u32 resolution_out);
Outcome<void> clock_time_get(HostCall&, u32 clock, u64 precision, u32 time_out);
Outcome<void> clock_time_set(HostCall&, u32 clock, u64 time);
Attempt random_get(HostCall&, u32 address, u32 length);

// The process (process_calls.cc).
Attempt proc_exit(HostCall&, u32 code);
Attempt sched_yield(HostCall&);

// Processes (family_calls.cc) and the programs that they run (spawn_calls.cc).
Outcome<void> proc_id(HostCall&, u32 pid_out);
Outcome<void> proc_parent(HostCall&, u32 pid, u32 parent_out);
Outcome<void> proc_fork(HostCall&, u32 copies_memory, u32 pid_out);
Outcome<void> proc_fork_env(HostCall&, u32 pid_out);
Attempt proc_exit2(HostCall&, u32 code);
Attempt proc_join(HostCall&, u32 pid_inout, u32 flags, u32 status_out);
Attempt proc_exec(HostCall&, u32 name, u32 name_length, u32 arguments, u32 arguments_length);
Attempt proc_exec2(HostCall&, u32 name, u32 name_length, u32 arguments, u32 arguments_length,
                   u32 environment, u32 environment_length);
Attempt proc_exec3(HostCall&, u32 name, u32 name_length, u32 arguments, u32 arguments_length,
                   u32 environment, u32 environment_length, u32 searches, u32 path,
                   u32 path_length);
Attempt proc_exec4(HostCall&, u32 name, u32 name_length, u32 arguments, u32 count, u32 environment,
                   u32 environment_count, u32 searches, u32 path, u32 path_length);
Outcome<void> proc_spawn(HostCall&, u32 name, u32 name_length, u32 chroot, u32 arguments,
                         u32 arguments_length, u32 preopens, u32 preopens_length, u32 in, u32 out,
                         u32 err, u32 directory, u32 directory_length, u32 handles_out);
Outcome<void> proc_spawn2(HostCall&, u32 name, u32 name_length, u32 arguments, u32 arguments_length,
                          u32 environment, u32 environment_length, u32 actions, u32 action_count,
                          u32 dispositions, u32 disposition_count, u32 searches, u32 path,
                          u32 path_length, u32 pid_out);
Outcome<void> proc_spawn3(HostCall&, u32 name, u32 name_length, u32 arguments, u32 count,
                          u32 environment, u32 environment_count, u32 actions, u32 action_count,
                          u32 dispositions, u32 disposition_count, u32 searches, u32 path,
                          u32 path_length, u32 pid_out);

// Signals (signal_calls.cc).
Outcome<void> callback_signal(HostCall&, u32 name, u32 length);
Outcome<void> proc_signals_sizes_get(HostCall&, u32 count_out);
Outcome<void> proc_signals_get(HostCall&, u32 dispositions_out);
Outcome<void> proc_raise(HostCall&, u32 number);
Outcome<void> proc_signal(HostCall&, u32 pid, u32 number);
Outcome<void> thread_signal(HostCall&, u32 thread, u32 number);
Outcome<void> proc_raise_interval(HostCall&, u32 number, u64 interval, u32 repeat);
Outcome<void> proc_raise_interval2(HostCall&, u32 number, u32 setting, u32 before_out);

// Threads (thread_calls.cc).
Outcome<void> thread_spawn_v2(HostCall&, u32 record, u32 thread_out);
Attempt thread_spawn(HostCall&, u32 record);  // returns the number, or -errno
Outcome<void> thread_id(HostCall&, u32 thread_out);
Outcome<void> thread_parallelism(HostCall&, u32 count_out);
Attempt thread_sleep(HostCall&, u64 nanoseconds);
Attempt thread_join(HostCall&, u32 thread);
Attempt thread_exit(HostCall&, u32 code);

// Futexes (futex_calls.cc).
Attempt futex_wait(HostCall&, u32 address, u32 expected, u32 timeout, u32 woken_out);
Outcome<void> futex_wake(HostCall&, u32 address, u32 woken_out);
Outcome<void> futex_wake_all(HostCall&, u32 address, u32 woken_out);

// setjmp and longjmp (context_calls.cc).
Outcome<void> stack_checkpoint(HostCall&, u32 snapshot_out, u32 value_out);
Attempt stack_restore(HostCall&, u32 snapshot, u64 value);

// The descriptor table (descriptor_calls.cc).
Outcome<void> fd_close(HostCall&, u32 fd);
Outcome<void> fd_renumber(HostCall&, u32 from, u32 to);
Outcome<void> fd_fdstat_get(HostCall&, u32 fd, u32 stat_out);
Outcome<void> fd_fdstat_set_flags(HostCall&, u32 fd, u32 flags);
Outcome<void> fd_fdstat_set_rights(HostCall&, u32 fd, u64 base, u64 inheriting);
Outcome<void> fd_prestat_get(HostCall&, u32 fd, u32 prestat_out);
Outcome<void> fd_prestat_dir_name(HostCall&, u32 fd, u32 name, u32 length);

// Descriptors of WASIX (new_descriptor_calls.cc).
Outcome<void> fd_dup(HostCall&, u32 fd, u32 fd_out);
Outcome<void> fd_dup2(HostCall&, u32 fd, u32 from, u32 cloexec, u32 fd_out);
Outcome<void> fd_fdflags_get(HostCall&, u32 fd, u32 flags_out);
Outcome<void> fd_fdflags_set(HostCall&, u32 fd, u32 flags);
Outcome<void> fd_pipe(HostCall&, u32 read_out, u32 write_out);
Outcome<void> fd_event(HostCall&, u64 initial, u32 flags, u32 fd_out);

// The working directory (working_directory_calls.cc) and the terminal
// (terminal_calls.cc).
Outcome<void> getcwd(HostCall&, u32 buffer, u32 size_inout);
Outcome<void> chdir(HostCall&, u32 path, u32 path_length);
Outcome<void> tty_get(HostCall&, u32 tty_out);
Outcome<void> tty_set(HostCall&, u32 tty);

// Reading and writing (transfer_calls.cc).
Attempt fd_read(HostCall&, u32 fd, u32 iovecs, u32 count, u32 size_out);
Attempt fd_write(HostCall&, u32 fd, u32 iovecs, u32 count, u32 size_out);
Attempt fd_pread(HostCall&, u32 fd, u32 iovecs, u32 count, u64 offset, u32 size_out);
Attempt fd_pwrite(HostCall&, u32 fd, u32 iovecs, u32 count, u64 offset, u32 size_out);
Outcome<void> fd_seek(HostCall&, u32 fd, u64 delta, u32 whence, u32 offset_out);
Outcome<void> fd_tell(HostCall&, u32 fd, u32 offset_out);

// Open files (file_calls.cc).
Outcome<void> fd_advise(HostCall&, u32 fd, u64 offset, u64 length, u32 advice);
Outcome<void> fd_allocate(HostCall&, u32 fd, u64 offset, u64 length);
Attempt fd_datasync(HostCall&, u32 fd);
Attempt fd_sync(HostCall&, u32 fd);
Outcome<void> fd_filestat_get(HostCall&, u32 fd, u32 stat_out);
Outcome<void> fd_filestat_set_size(HostCall&, u32 fd, u64 size);
Outcome<void> fd_filestat_set_times(HostCall&, u32 fd, u64 accessed, u64 modified, u32 which);

// Directories (directory_calls.cc) and paths (path_open_call.cc, path_calls.cc).
Attempt fd_readdir(HostCall&, u32 fd, u32 buffer, u32 length, u64 cookie, u32 size_out);
Attempt path_open(HostCall&, u32 fd, u32 lookup_flags, u32 path, u32 path_length, u32 oflags,
                  u64 base, u64 inheriting, u32 fdflags, u32 fd_out);
Attempt path_open2(HostCall&, u32 fd, u32 lookup_flags, u32 path, u32 path_length, u32 oflags,
                   u64 base, u64 inheriting, u32 fdflags, u32 fdflags_ext, u32 fd_out);
Outcome<void> path_create_directory(HostCall&, u32 fd, u32 path, u32 path_length);
Outcome<void> path_filestat_get(HostCall&, u32 fd, u32 lookup_flags, u32 path, u32 path_length,
                                u32 stat_out);
Attempt path_filestat_set_times(HostCall&, u32 fd, u32 lookup_flags, u32 path, u32 path_length,
                                u64 accessed, u64 modified, u32 which);
Attempt path_link(HostCall&, u32 old_fd, u32 lookup_flags, u32 old_path, u32 old_length, u32 new_fd,
                  u32 new_path, u32 new_length);
Outcome<void> path_readlink(HostCall&, u32 fd, u32 path, u32 path_length, u32 buffer, u32 length,
                            u32 size_out);
Outcome<void> path_remove_directory(HostCall&, u32 fd, u32 path, u32 path_length);
Attempt path_rename(HostCall&, u32 old_fd, u32 old_path, u32 old_length, u32 new_fd, u32 new_path,
                    u32 new_length);
Outcome<void> path_symlink(HostCall&, u32 target, u32 target_length, u32 fd, u32 path,
                           u32 path_length);
Outcome<void> path_unlink_file(HostCall&, u32 fd, u32 path, u32 path_length);

// Waiting (poll_call.cc, epoll_calls.cc).
Attempt poll_oneoff(HostCall&, u32 subscriptions, u32 events, u32 count, u32 count_out);
Outcome<void> epoll_create(HostCall&, u32 fd_out);
Outcome<void> epoll_ctl(HostCall&, u32 epoll_fd, u32 operation, u32 fd, u32 event);
Attempt epoll_wait(HostCall&, u32 epoll_fd, u32 events, u32 most, u64 timeout, u32 count_out);

// Sockets: their names and peers (connection_calls.cc).
Outcome<void> sock_open(HostCall&, u32 family, u32 type, u32 protocol, u32 fd_out);
Outcome<void> sock_pair(HostCall&, u32 family, u32 type, u32 protocol, u32 first_out,
                        u32 second_out);
Outcome<void> sock_bind(HostCall&, u32 fd, u32 address);
Outcome<void> sock_listen(HostCall&, u32 fd, u32 backlog);
Attempt sock_accept(HostCall&, u32 fd, u32 flags, u32 fd_out);
Attempt sock_accept_v2(HostCall&, u32 fd, u32 flags, u32 fd_out, u32 peer_out);
Attempt sock_connect(HostCall&, u32 fd, u32 address);
Outcome<void> sock_status(HostCall&, u32 fd, u32 status_out);
Outcome<void> sock_addr_local(HostCall&, u32 fd, u32 address_out);
Outcome<void> sock_addr_peer(HostCall&, u32 fd, u32 address_out);

// What they carry (socket_calls.cc).
Attempt sock_recv(HostCall&, u32 fd, u32 iovecs, u32 count, u32 flags, u32 size_out, u32 flags_out);
Attempt sock_recv_from(HostCall&, u32 fd, u32 iovecs, u32 count, u32 flags, u32 size_out,
                       u32 flags_out, u32 sender_out);
Attempt sock_recv_msg(HostCall&, u32 fd, u32 iovecs, u32 count, u32 flags, u32 sender_out,
                      u32 control, u32 control_room, u32 size_out, u32 flags_out,
                      u32 control_size_out);
Attempt sock_send(HostCall&, u32 fd, u32 iovecs, u32 count, u32 flags, u32 size_out);
Attempt sock_send_to(HostCall&, u32 fd, u32 iovecs, u32 count, u32 flags, u32 receiver,
                     u32 size_out);
Attempt sock_send_file(HostCall&, u32 out, u32 in, u64 offset, u64 count, u32 sent_out);
Outcome<void> sock_shutdown(HostCall&, u32 fd, u32 how);

// Their options (socket_option_calls.cc).
Outcome<void> sock_set_opt_flag(HostCall&, u32 fd, u32 option, u32 value);
Outcome<void> sock_get_opt_flag(HostCall&, u32 fd, u32 option, u32 value_out);
Outcome<void> sock_set_opt_time(HostCall&, u32 fd, u32 option, u32 value);
Outcome<void> sock_get_opt_time(HostCall&, u32 fd, u32 option, u32 value_out);
Outcome<void> sock_set_opt_size(HostCall&, u32 fd, u32 option, u64 value);
Outcome<void> sock_get_opt_size(HostCall&, u32 fd, u32 option, u32 value_out);
Outcome<void> sock_join_multicast_v4(HostCall&, u32 fd, u32 group, u32 interface);
Outcome<void> sock_leave_multicast_v4(HostCall&, u32 fd, u32 group, u32 interface);
Outcome<void> sock_join_multicast_v6(HostCall&, u32 fd, u32 group, u32 interface);
Outcome<void> sock_leave_multicast_v6(HostCall&, u32 fd, u32 group, u32 interface);

// The network (network_calls.cc).
Attempt resolve(HostCall&, u32 name, u32 length, u32 port, u32 addresses, u32 room, u32 count_out);
Outcome<void> port_addr_list(HostCall&, u32 addresses, u32 count_inout);
// Where wasi_unstable has other layouts (unstable_calls.cc, poll_call.cc).
Outcome<void> unstable_fd_seek(HostCall&, u32 fd, u64 delta, u32 whence, u32 offset_out);
Outcome<void> unstable_fd_filestat_get(HostCall&, u32 fd, u32 stat_out);
Outcome<void> unstable_path_filestat_get(HostCall&, u32 fd, u32 lookup_flags, u32 path,
                                         u32 path_length, u32 stat_out);
Attempt unstable_poll_oneoff(HostCall&, u32 subscriptions, u32 events, u32 count, u32 count_out);

// Defined so that programs link, and refused (not_offered_calls.cc).
Outcome<void> proc_snapshot(HostCall&);
Outcome<void> port_bridge(HostCall&, u32 network, u32 network_length, u32 token, u32 token_length,
                          u32 security);
Outcome<void> port_unbridge(HostCall&);
Outcome<void> port_dhcp_acquire(HostCall&);
Outcome<void> port_addr_add(HostCall&, u32 address);
Outcome<void> port_addr_remove(HostCall&, u32 address);
Outcome<void> port_addr_clear(HostCall&);
Outcome<void> port_gateway_set(HostCall&, u32 address);
Outcome<void> port_route_add(HostCall&, u32 cidr, u32 via, u32 preferred_until, u32 expires);
Outcome<void> port_route_remove(HostCall&, u32 address);
Outcome<void> port_route_clear(HostCall&);
Outcome<void> port_route_list(HostCall&, u32 routes, u32 count_inout);
Outcome<void> port_mac(HostCall&, u32 mac_out);
Outcome<void> dlopen(HostCall&, u32 path, u32 path_length, u32 flags, u32 error, u32 error_length,
                     u32 library_path, u32 library_path_length, u32 handle_out);
Outcome<void> dlsym(HostCall&, u32 handle, u32 name, u32 name_length, u32 error, u32 error_length,
                    u32 address_out);
Outcome<void> dl_invalid_handle(HostCall&, u32 handle);
Outcome<void> call_dynamic(HostCall&, u32 function, u32 values, u32 values_length, u32 results,
                           u32 results_length, u32 strict);
Outcome<void> closure_prepare(HostCall&, u32 function, u32 closure, u32 arguments,
                              u32 argument_count, u32 results, u32 result_count, u32 user_data);
Outcome<void> closure_allocate(HostCall&, u32 closure_out);
Outcome<void> closure_free(HostCall&, u32 closure);
Outcome<void> reflect_signature(HostCall&, u32 function, u32 arguments, u32 argument_count,
                                u32 results, u32 result_count, u32 reflection_out);
Outcome<void> context_create(HostCall&, u32 context_out, u32 entry);
Outcome<void> context_switch(HostCall&, u64 context);
Outcome<void> context_destroy(HostCall&, u64 context);

}  // namespace brink::wasi::calls
