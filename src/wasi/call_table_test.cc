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

// Those of WASIX alone.
const std::map<std::string, std::string> kWasixSignatures = {
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
};

TEST(CallTable, HasTheCallsOfWasixWithTheSignatureThatModulesImport) {
  std::map<std::string, std::string> found;
  for (const wasm::HostFunction& function : host_functions()) {
    const std::string name(function.name);
    if (function.module == "wasix_32v1" && kWasixSignatures.contains(name)) {
      found.emplace(name, function.parameters);
    }
  }
  EXPECT_THAT(found, ::testing::ContainerEq(kWasixSignatures));
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

TEST(CallTable, OnlyProcExitReturnsNothing) {
  for (const wasm::HostFunction& function : host_functions()) {
    const auto expected = function.name == "proc_exit" ? wasm::HostFunction::Returns::nothing
                                                       : wasm::HostFunction::Returns::i32;
    EXPECT_EQ(function.returns, expected) << function.name;
  }
}

}  // namespace
}  // namespace brink::wasi
