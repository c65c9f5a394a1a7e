#include "wasi/call_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace brink::wasi {
namespace {

// The signatures that modules import, from the witx by the basic C ABI.
const std::map<std::string, std::string> kSignatures = {
    {"args_get", "ii"},
    {"args_sizes_get", "ii"},
    {"environ_get", "ii"},
    {"environ_sizes_get", "ii"},
    {"clock_res_get", "ii"},
    {"clock_time_get", "iIi"},
    {"fd_advise", "iIIi"},
    {"fd_allocate", "iII"},
    {"fd_close", "i"},
    {"fd_datasync", "i"},
    {"fd_fdstat_get", "ii"},
    {"fd_fdstat_set_flags", "ii"},
    {"fd_fdstat_set_rights", "iII"},
    {"fd_filestat_get", "ii"},
    {"fd_filestat_set_size", "iI"},
    {"fd_filestat_set_times", "iIIi"},
    {"fd_pread", "iiiIi"},
    {"fd_prestat_get", "ii"},
    {"fd_prestat_dir_name", "iii"},
    {"fd_pwrite", "iiiIi"},
    {"fd_read", "iiii"},
    {"fd_readdir", "iiiIi"},
    {"fd_renumber", "ii"},
    {"fd_seek", "iIii"},
    {"fd_sync", "i"},
    {"fd_tell", "ii"},
    {"fd_write", "iiii"},
    {"path_create_directory", "iii"},
    {"path_filestat_get", "iiiii"},
    {"path_filestat_set_times", "iiiiIIi"},
    {"path_link", "iiiiiii"},
    {"path_open", "iiiiiIIii"},
    {"path_readlink", "iiiiii"},
    {"path_remove_directory", "iii"},
    {"path_rename", "iiiiii"},
    {"path_symlink", "iiiii"},
    {"path_unlink_file", "iii"},
    {"poll_oneoff", "iiii"},
    {"proc_exit", "i"},
    {"proc_raise", "i"},
    {"sched_yield", ""},
    {"random_get", "ii"},
    {"sock_accept", "iii"},
    {"sock_recv", "iiiiii"},
    {"sock_send", "iiiii"},
    {"sock_shutdown", "ii"},
};

// Calls of wasix_32v1 beyond preview1's, from the WASIX witx.
const std::map<std::string_view, std::string_view> kWasixSignatures = {
    {"port_addr_list", "ii"},
    {"resolve", "iiiiii"},
    {"sock_accept", "iiii"},
    {"sock_accept_v2", "iiii"},
    {"sock_addr_local", "ii"},
    {"sock_addr_peer", "ii"},
    {"sock_bind", "ii"},
    {"sock_connect", "ii"},
    {"sock_get_opt_flag", "iii"},
    {"sock_get_opt_size", "iii"},
    {"sock_get_opt_time", "iii"},
    {"sock_join_multicast_v4", "iii"},
    {"sock_join_multicast_v6", "iii"},
    {"sock_leave_multicast_v4", "iii"},
    {"sock_leave_multicast_v6", "iii"},
    {"sock_listen", "ii"},
    {"sock_open", "iiii"},
    {"sock_pair", "iiiii"},
    {"sock_recv_from", "iiiiiii"},
    {"sock_recv_msg", "iiiiiiiiii"},
    {"sock_send_file", "iiIIi"},
    {"sock_send_to", "iiiiii"},
    {"sock_set_opt_flag", "iii"},
    {"sock_set_opt_size", "iiI"},
    {"sock_set_opt_time", "iii"},
    {"sock_status", "ii"},
    {"clock_time_set", "iI"},
    {"fd_dup", "ii"},
    {"fd_dup2", "iiii"},
    {"fd_event", "Iii"},
    {"fd_pipe", "ii"},
    {"fd_fdflags_get", "ii"},
    {"fd_fdflags_set", "ii"},
    {"path_open2", "iiiiiIIiii"},
    {"tty_get", "i"},
    {"tty_set", "i"},
    {"getcwd", "ii"},
    {"chdir", "ii"},
    {"epoll_create", "i"},
    {"epoll_ctl", "iiii"},
    {"epoll_wait", "iiiIi"},
    {"proc_id", "i"},
    {"proc_parent", "ii"},
    {"proc_fork", "ii"},
    {"proc_fork_env", "i"},
    {"proc_exit2", "i"},
    {"proc_join", "iii"},
    {"proc_exec", "iiii"},
    {"proc_exec2", "iiiiii"},
    {"proc_exec3", "iiiiiiiii"},
    {"proc_exec4", "iiiiiiiii"},
    {"proc_spawn", "iiiiiiiiiiiii"},
    {"proc_spawn2", "iiiiiiiiiiiiii"},
    {"proc_spawn3", "iiiiiiiiiiiiii"},
    {"proc_snapshot", ""},
    {"port_bridge", "iiiii"},
    {"port_unbridge", ""},
    {"port_dhcp_acquire", ""},
    {"port_addr_add", "i"},
    {"port_addr_remove", "i"},
    {"port_addr_clear", ""},
    {"port_mac", "i"},
    {"port_gateway_set", "i"},
    {"port_route_add", "iiii"},
    {"port_route_remove", "i"},
    {"port_route_clear", ""},
    {"port_route_list", "ii"},
    {"dl_invalid_handle", "i"},
    {"dlopen", "iiiiiiii"},
    {"dlsym", "iiiiii"},
    {"call_dynamic", "iiiiii"},
    {"closure_prepare", "iiiiiii"},
    {"closure_allocate", "i"},
    {"closure_free", "i"},
    {"reflect_signature", "iiiiii"},
    {"context_create", "ii"},
    {"context_switch", "I"},
    {"context_destroy", "I"},
};

TEST(CallTable, HasTheCallsOfWasixWithTheSignatureThatModulesImport) {
  std::map<std::string_view, std::string_view> found;
  for (const wasm::HostFunction& function : host_functions()) {
    if (function.module == "wasix_32v1") found.emplace(function.name, function.parameters);
  }
  for (const auto& [name, parameters] : kWasixSignatures) {
    ASSERT_TRUE(found.contains(name)) << name;
    EXPECT_EQ(found[name], parameters) << name;
  }
}

TEST(CallTable, OffersAllOfPreview1ToTheProgramsOf2019) {
  std::map<std::string, std::string> found;
  for (const wasm::HostFunction& function : host_functions()) {
    if (function.module != "wasi_unstable") continue;
    found.emplace(std::string(function.name), std::string(function.parameters));
  }
  auto expected = kSignatures;
  expected.erase("sock_accept");
  EXPECT_THAT(found, ::testing::ContainerEq(expected));
}

TEST(CallTable, HasEveryCallOfPreview1OnceWithTheSignatureThatModulesImport) {
  std::map<std::string, std::string> found;
  for (const wasm::HostFunction& function : host_functions()) {
    if (function.module != "wasi_snapshot_preview1") continue;
    const bool is_new =
        found.emplace(std::string(function.name), std::string(function.parameters)).second;
    EXPECT_TRUE(is_new) << function.name;
  }
  EXPECT_THAT(found, ::testing::ContainerEq(kSignatures));
}

TEST(CallTable, IsSortedByModuleAndName) {
  const auto key = [](const wasm::HostFunction& function) {
    return std::pair(function.module, function.name);
  };
  EXPECT_TRUE(std::ranges::is_sorted(host_functions(), {}, key));
  EXPECT_EQ(std::ranges::adjacent_find(host_functions(), {}, key), host_functions().end());
}

TEST(CallTable, OffersPreview1AlsoWhereTheFirstWasixProgramsLookForIt) {
  std::set<std::string_view> wasix;
  for (const wasm::HostFunction& function : host_functions()) {
    if (function.module == "wasix_32v1") wasix.insert(function.name);
  }
  for (const auto& [name, parameters] : kSignatures) {
    if (name != "sock_accept") EXPECT_TRUE(wasix.contains(name)) << name;
  }
}

// Of threads and signals, as WASIX programs import them.
const std::map<std::string, std::string> kThreadSignatures = {
    {"callback_signal", "ii"},
    {"proc_signals_sizes_get", "i"},
    {"proc_signals_get", "i"},
    {"proc_signal", "ii"},
    {"thread_signal", "ii"},
    {"proc_raise_interval", "iIi"},
    {"proc_raise_interval2", "iii"},
    {"thread_spawn_v2", "ii"},
    {"thread_spawn", "ii"},
    {"thread_id", "i"},
    {"thread_parallelism", "i"},
    {"thread_sleep", "I"},
    {"thread_join", "i"},
    {"thread_exit", "i"},
    {"futex_wait", "iiii"},
    {"futex_wake", "ii"},
    {"futex_wake_all", "ii"},
    {"stack_checkpoint", "ii"},
    {"stack_restore", "iI"},
};

std::map<std::string, std::string> signatures_of(std::string_view module) {
  std::map<std::string, std::string> found;
  for (const wasm::HostFunction& function : host_functions()) {
    if (function.module == module) found.emplace(function.name, function.parameters);
  }
  return found;
}

TEST(CallTable, HasTheCallsForThreadsAndSignalsWithTheirSignatures) {
  EXPECT_THAT(signatures_of("wasix_32v1"), ::testing::IsSupersetOf(kThreadSignatures));
  EXPECT_THAT(signatures_of("wasi"), ::testing::ElementsAre(std::pair("thread-spawn", "i")));
}

TEST(CallTable, OnlyCallsThatEndSomethingOrCannotFailReturnNothing) {
  const std::set<std::string_view> nothing = {"proc_exit",    "proc_exit2",  "proc_exec",
                                              "proc_exec2",   "thread_exit", "callback_signal",
                                              "stack_restore"};
  for (const wasm::HostFunction& function : host_functions()) {
    const auto expected = nothing.contains(function.name) ? wasm::HostFunction::Returns::nothing
                                                          : wasm::HostFunction::Returns::i32;
    EXPECT_EQ(function.returns, expected) << function.name;
  }
}

}  // namespace
}  // namespace brink::wasi
