#include <array>

#include "wasi/call_support.h"
#include "wasi/calls.h"
#include "wasi/preview1.h"

namespace brink::wasi {
namespace {

using namespace calls;  // NOLINT(google-build-using-namespace): the table below
using Returns = wasm::HostFunction::Returns;

constexpr std::string_view kModule = "wasi_snapshot_preview1";

template <auto Function>
constexpr wasm::HostFunction waiting(std::string_view name, Returns returns = Returns::i32) {
  return wasm::host_function<Function>(kModule, name, returns);
}

template <auto Function>
constexpr wasm::HostFunction immediate(std::string_view name) {
  return wasm::host_function<&Immediate<Function>::attempt>(kModule, name);
}

/// In the order of the witx.
constexpr std::array kFunctions = {
    immediate<args_get>("args_get"),
    immediate<args_sizes_get>("args_sizes_get"),
    immediate<environ_get>("environ_get"),
    immediate<environ_sizes_get>("environ_sizes_get"),
    immediate<clock_res_get>("clock_res_get"),
    immediate<clock_time_get>("clock_time_get"),
    immediate<fd_advise>("fd_advise"),
    immediate<fd_allocate>("fd_allocate"),
    immediate<fd_close>("fd_close"),
    waiting<fd_datasync>("fd_datasync"),
    immediate<fd_fdstat_get>("fd_fdstat_get"),
    immediate<fd_fdstat_set_flags>("fd_fdstat_set_flags"),
    immediate<fd_fdstat_set_rights>("fd_fdstat_set_rights"),
    immediate<fd_filestat_get>("fd_filestat_get"),
    immediate<fd_filestat_set_size>("fd_filestat_set_size"),
    immediate<fd_filestat_set_times>("fd_filestat_set_times"),
    waiting<fd_pread>("fd_pread"),
    immediate<fd_prestat_get>("fd_prestat_get"),
    immediate<fd_prestat_dir_name>("fd_prestat_dir_name"),
    waiting<fd_pwrite>("fd_pwrite"),
    waiting<fd_read>("fd_read"),
    waiting<fd_readdir>("fd_readdir"),
    immediate<fd_renumber>("fd_renumber"),
    immediate<fd_seek>("fd_seek"),
    waiting<fd_sync>("fd_sync"),
    immediate<fd_tell>("fd_tell"),
    waiting<fd_write>("fd_write"),
    immediate<path_create_directory>("path_create_directory"),
    immediate<path_filestat_get>("path_filestat_get"),
    immediate<path_filestat_set_times>("path_filestat_set_times"),
    immediate<path_link>("path_link"),
    immediate<path_open>("path_open"),
    immediate<path_readlink>("path_readlink"),
    immediate<path_remove_directory>("path_remove_directory"),
    immediate<path_rename>("path_rename"),
    immediate<path_symlink>("path_symlink"),
    immediate<path_unlink_file>("path_unlink_file"),
    waiting<poll_oneoff>("poll_oneoff"),
    waiting<proc_exit>("proc_exit", Returns::nothing),
    waiting<proc_raise>("proc_raise"),
    waiting<sched_yield>("sched_yield"),
    waiting<random_get>("random_get"),
    waiting<sock_accept>("sock_accept"),
    waiting<sock_recv>("sock_recv"),
    waiting<sock_send>("sock_send"),
    immediate<sock_shutdown>("sock_shutdown"),
};

}  // namespace

std::span<const wasm::HostFunction> preview1_functions() { return kFunctions; }

}  // namespace brink::wasi
