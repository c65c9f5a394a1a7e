#include "launch/launch_config.h"

#include <gtest/gtest.h>

#include <type_traits>

namespace brink::launch {
namespace {

/// Every field has a value that no default has.
LaunchConfig unusual() {
  LaunchConfig config;
  config.app = "an \"app\"\n";
  config.arguments = {"program", "", "zwei \xc3\xa4"};
  config.environment = {{"A", "1"}, {"B", ""}, {"A2", "x=y"}};
  std::uint64_t number = 1'000'001;
  for (const package::LimitRow& row : package::kLimits) {
    std::visit(
        [&](auto member) {
          using T = std::decay_t<decltype(config.limits.*member)>;
          config.limits.*member = T(number++);
        },
        row.member);
  }
  config.abi = module::Dialect::wasix;
  config.dialect = package::Dialect::json;
  config.detail = package::ErrorDetail::shown;
  config.wcgi = {package::WcgiOptions::RequestBody::stream,
                 package::WcgiOptions::Authorization::pass,
                 package::WcgiOptions::QueryArguments::on};
  config.mounts = {
      {"/", wasi::files::Access::read_only, wasi::files::Origin::package},
      {"/data", wasi::files::Access::read_write, wasi::files::Origin::volume},
  };
  config.start = wasm::Program::Start::runs_code;
  config.initial_memory = 5ULL << 33;
  config.commands = {{"sh"}, {"ls"}};
  config.outbound = sandbox::Outbound::allowed;
  config.wasix.port_order = package::WasixOptions::PortOrder::big_endian;
  config.egress = {"public", "10.0.0.0/8"};
  config.name_servers = {"192.0.2.1:53"};
  config.threads = LaunchConfig::Threads{17, 65'536, "wasi_thread_start"};
  config.access_log = LaunchConfig::AccessLog::on;
  config.slot = 3;
  config.seat = {7, 4'000'000'000U};
  config.seats = 12;
  config.uid = 1001;
  config.gid = 1002;
  return config;
}

TEST(LaunchConfig, ComesOutAsItWentIn) {
  const LaunchConfig in = unusual();
  const auto out = decode_launch_config(encode(in));
  ASSERT_TRUE(out) << out.error().text();
  EXPECT_EQ(out->app, in.app);
  EXPECT_EQ(out->arguments, in.arguments);
  EXPECT_EQ(out->environment, in.environment);
  EXPECT_EQ(out->limits, in.limits);
  EXPECT_EQ(out->abi, in.abi);
  ASSERT_EQ(out->commands.size(), 2U);
  EXPECT_EQ(out->commands[1].name, "ls");
  ASSERT_TRUE(out->threads);
  EXPECT_EQ(out->threads->memory_minimum, in.threads->memory_minimum);
  EXPECT_EQ(out->threads->memory_maximum, in.threads->memory_maximum);
  EXPECT_EQ(out->threads->entry, in.threads->entry);
  EXPECT_EQ(out->dialect, in.dialect);
  EXPECT_EQ(out->detail, in.detail);
  EXPECT_EQ(out->wcgi, in.wcgi);
  ASSERT_EQ(out->mounts.size(), in.mounts.size());
  for (std::size_t i = 0; i < in.mounts.size(); ++i) {
    EXPECT_EQ(out->mounts[i].guest_path, in.mounts[i].guest_path);
    EXPECT_EQ(out->mounts[i].access, in.mounts[i].access);
    EXPECT_EQ(out->mounts[i].origin, in.mounts[i].origin);
  }
  EXPECT_EQ(out->start, in.start);
  EXPECT_EQ(out->initial_memory, in.initial_memory);
  EXPECT_EQ(out->outbound, in.outbound);
  EXPECT_EQ(out->wasix, in.wasix);
  EXPECT_EQ(out->egress, in.egress);
  EXPECT_EQ(out->name_servers, in.name_servers);
  EXPECT_EQ(out->access_log, in.access_log);
  EXPECT_EQ(out->slot, in.slot);
  EXPECT_EQ(out->seat, in.seat);
  EXPECT_EQ(out->seats, in.seats);
  EXPECT_EQ(out->uid, in.uid);
  EXPECT_EQ(out->gid, in.gid);
  EXPECT_EQ(encode(*out), encode(in)) << "a field that is encoded and not compared above";
}

TEST(LaunchConfig, IsRefusedWhenItIsNotWhole) {
  EXPECT_FALSE(decode_launch_config(""));
  EXPECT_FALSE(decode_launch_config("{}"));
  EXPECT_FALSE(decode_launch_config("[1]"));
  const std::string whole = encode(unusual());
  EXPECT_FALSE(decode_launch_config(std::string_view(whole).substr(0, whole.size() - 1)));
}

}  // namespace
}  // namespace brink::launch
