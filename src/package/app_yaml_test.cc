#include "package/app_yaml.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace brink::package {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using namespace std::chrono_literals;

constexpr std::string_view kHead = "kind: wasmer.io/App.v0\npackage: .\n";

Result<AppConfig> read(std::string_view body) {
  return read_app_yaml(std::string(kHead) + std::string(body), "app.yaml");
}

std::string errors(std::string_view body) {
  const auto config = read(body);
  return config ? "accepted" : config.error().text();
}

std::vector<std::string> warnings(std::string_view body) {
  const auto config = read(body);
  if (!config) return {config.error().text()};
  return config->warnings;
}

TEST(AppYaml, AppliesEveryKeyThisVersionExecutes) {
  const auto config = read(R"(
name: hello-2
owner: me
app_id: da_x
description: a text
annotations: {anything: [goes, {here: 1}]}
mode: wcgi
env: {COUNTRY: NO, VERSION: 1.10, EMPTY: ""}
cli_args: [-v, "x y"]
debug: true
executor: worker
wcgi: { request_body: stream, authorization: pass, query_arguments: on }
capabilities: {memory: {limit: 256MiB}}
limits:
  wall_time: 5s
  cpu_time: 2s
  output: 1MiB
  body: 2MiB
  header_bytes: 8KiB
  open_files: 32
  scratch: 1MiB
  scratch_inodes: 10
  instances: 7
  memory_sum: 1GiB
  queue: 3
  queue_wait: 1s
  grace: 2s
)");
  ASSERT_TRUE(config) << config.error().text();
  EXPECT_EQ(config->name, "hello-2");
  EXPECT_EQ(config->package, ".");
  EXPECT_EQ(config->mode, Mode::wcgi);
  EXPECT_THAT(config->env, ElementsAre(EnvironmentVariable{"COUNTRY", "NO"},
                                       EnvironmentVariable{"VERSION", "1.10"},
                                       EnvironmentVariable{"EMPTY", ""}));
  EXPECT_THAT(*config->cli_args, ElementsAre("-v", "x y"));
  EXPECT_EQ(config->error_detail, ErrorDetail::shown);
  EXPECT_EQ(config->executor, Executor::worker);
  EXPECT_EQ(config->wcgi,
            (WcgiOptions{WcgiOptions::RequestBody::stream, WcgiOptions::Authorization::pass,
                         WcgiOptions::QueryArguments::on}));
  Limits limits;
  config->limits.apply(limits);
  const Limits expected{.wall_time = 5s,
                        .cpu_time = 2s,
                        .memory = 256_MiB,
                        .output = 1_MiB,
                        .body = 2_MiB,
                        .header_bytes = 8_KiB,
                        .open_files = 32,
                        .scratch = 1_MiB,
                        .scratch_inodes = 10,
                        .instances = 7,
                        .memory_sum = 1_GiB,
                        .queue = 3,
                        .queue_wait = 1s,
                        .grace = 2s};
  EXPECT_EQ(limits, expected);
  EXPECT_THAT(config->warnings, IsEmpty());
}

TEST(AppYaml, TellsThreeWrongKindsApart) {
  const auto text = [](std::string_view whole) {
    return read_app_yaml(whole, "app.yaml").error().text();
  };
  EXPECT_EQ(text("package: .\n"), "app.yaml:1:1: kind: is missing; write kind: wasmer.io/App.v0");
  EXPECT_EQ(text("kind: [x]\npackage: .\n"),
            "app.yaml:1:7: kind: must be the text wasmer.io/App.v0");
  EXPECT_EQ(text("kind: wasmer.io/App.v1\npackage: .\n"),
            "app.yaml:1:7: kind: must be wasmer.io/App.v0, not 'wasmer.io/App.v1'");
}

TEST(AppYaml, RefusesUnknownKeysAtEveryLevel) {
  EXPECT_EQ(errors("limts: {}\nlimits: {memroy: 1MiB}\nscaling: {max_instance: 1}\n"
                   "jobs: [{nam: x}]\ncapabilities: {memory: {limt: 1}, cdn_cahce: {}}\n"
                   "listen: [{name: a, protocol: tcp, port: 1, prt: 2}]\negress: {alow: []}\n"),
            "app.yaml:3:1: limts: unknown key; did you mean limits?\n"
            "app.yaml:4:10: limits.memroy: unknown key; did you mean memory?\n"
            "app.yaml:5:11: scaling.max_instance: unknown key; did you mean max_instances?\n"
            "app.yaml:6:9: jobs[0].nam: unknown key; did you mean name?\n"
            "app.yaml:7:25: capabilities.memory.limt: unknown key; did you mean limit?\n"
            "app.yaml:7:35: capabilities.cdn_cahce: unknown key; did you mean cdn_cache?\n"
            "app.yaml:8:44: listen[0].prt: unknown key; did you mean port?\n"
            "app.yaml:9:10: egress.alow: unknown key; did you mean allow?");
}

TEST(AppYaml, RefusesPackagesItCannotGet) {
  for (const char* source : {"wasmer/python", "wasmer/python@3", "sha256:00", "https://x/y.webc"}) {
    const auto config =
        read_app_yaml("kind: wasmer.io/App.v0\npackage: " + std::string(source) + "\n", "app.yaml");
    ASSERT_FALSE(config) << source;
    EXPECT_THAT(config.error().text(),
                testing::StartsWith("app.yaml:2:10: package: '" + std::string(source) +
                                    "' is not a path, and packages from a registry are not"));
  }
  EXPECT_EQ(read_app_yaml("kind: wasmer.io/App.v0\n", "a").error().text(),
            "a:1:1: package: is missing; it must be a text");
  EXPECT_EQ(read_app_yaml("kind: wasmer.io/App.v0\npackage: ../x\n", "a")->package, "../x");
}

TEST(AppYaml, ChecksNamesModesAndVariables) {
  EXPECT_EQ(
      errors("name: Hello_\nmode: cgi\nexecutor: gpu\ndebug: yes\n"
             "env: {'A=B': x, C: [y], D: }\ncli_args: -v\n"),
      "app.yaml:3:7: name: must be lower-case letters, digits and inner hyphens, not 'Hello_'\n"
      "app.yaml:4:7: mode: must be one of auto, wcgi, proxy, stream, command, not 'cgi'; did you "
      "mean wcgi?\n"
      "app.yaml:5:11: executor: must be one of auto, worker, process, not 'gpu'\n"
      "app.yaml:6:8: debug: must be true or false, not 'yes'\n"
      "app.yaml:7:14: env.A=B: is no name for a variable; write NAME: VALUE\n"
      "app.yaml:7:20: env.C: must be a text\n"
      "app.yaml:7:25: env.D: is empty; write a text, or remove the key\n"
      "app.yaml:8:11: cli_args: must be a list of texts; write [a, b]");
}

TEST(AppYaml, ChecksLimits) {
  EXPECT_EQ(errors("limits: {wall_time: 0s, memory: [1], queue: many}\n"),
            "app.yaml:3:21: limits.wall_time: '0s' is out of bounds; write 1ms to 1d\n"
            "app.yaml:3:33: limits.memory: must be one value, for example 30s, 128MiB or 256\n"
            "app.yaml:3:45: limits.queue: 'many' is not a whole number; write 0 to 65536");
  EXPECT_EQ(errors("capabilities: {memory: {limit: 1MiB}}\nlimits: {memory: 2MiB}\n"),
            "app.yaml:4:18: limits.memory: differs from capabilities.memory.limit; remove one of "
            "them");
  EXPECT_EQ(errors("capabilities: {memory: {limit: 1MiB}}\nlimits: {memory: 1024KiB}\n"),
            "accepted");
}

TEST(AppYaml, ReadsTheOrderOfPorts) {
  using enum WasixOptions::PortOrder;
  EXPECT_EQ(read("")->wasix.port_order, little_endian);
  EXPECT_EQ(read("wasix: {port_order: big-endian}\n")->wasix.port_order, big_endian);
  EXPECT_EQ(read("wasix: {port_order: little-endian}\n")->wasix.port_order, little_endian);
  EXPECT_EQ(errors("wasix: {port_order: network, ports: 1}\n"),
            "app.yaml:3:21: wasix.port_order: must be one of little-endian, big-endian, not "
            "'network'\n"
            "app.yaml:3:30: wasix.ports: unknown key; known here: port_order");
}

TEST(AppYaml, ReadsScalingAndWarnsOfWhatWcgiDoesNotScale) {
  const auto config = read(
      "scaling: {min_instances: 1, max_instances: 3, max_concurrency: 5, "
      "idle_timeout: 7s, mode: single_concurrency}\n");
  ASSERT_TRUE(config) << config.error().text();
  EXPECT_EQ(config->scaling.min_instances, 1U);
  EXPECT_EQ(config->scaling.max_instances, 3U);
  EXPECT_EQ(config->scaling.max_concurrency, 5U);
  EXPECT_EQ(config->scaling.idle_timeout, Duration(7s));
  EXPECT_EQ(config->scaling.concurrency, Scaling::Concurrency::single);
  ASSERT_EQ(config->warnings.size(), 4U);
  EXPECT_EQ(config->warnings[0],
            "app.yaml:3:26: scaling.min_instances: has no effect in mode wcgi, where each request "
            "has an instance of its own; bound them with limits.instances");
  EXPECT_EQ(errors("scaling: {min_instances: 9, mode: many}\n"),
            "app.yaml:3:26: scaling.min_instances: is more than max_instances, 4; lower it\n"
            "app.yaml:3:35: scaling.mode: must be one of single_concurrency, not 'many'");
}

TEST(AppYaml, ReadsListeners) {
  const auto config = read(R"(listen:
  - { name: line, protocol: tcp, port: 7000, target: 7878, idle_timeout: 1m, max_connections: 9 }
  - { name: dns, protocol: udp, port: 7000 }
  - { name: tls, protocol: tls, port: 7443, proxy_protocol: v2 }
)");
  ASSERT_TRUE(config) << config.error().text();
  ASSERT_EQ(config->listen.size(), 3U);
  EXPECT_EQ(config->listen[0].target, 7878);
  EXPECT_EQ(config->listen[0].idle_timeout, Duration(1min));
  EXPECT_EQ(config->listen[0].max_connections, 9U);
  EXPECT_EQ(config->listen[1].protocol, Listener::Protocol::udp);
  EXPECT_EQ(config->listen[1].target, 7000);
  EXPECT_EQ(config->listen[2].proxy_protocol, Listener::ProxyProtocol::v2);
}

TEST(AppYaml, ChecksListeners) {
  EXPECT_EQ(errors("listen:\n- {}\n- {name: a, protocol: udp, port: 65536, proxy_protocol: v1}\n"
                   "- {name: a, protocol: tcp, port: 7}\n- {name: b, protocol: tls, port: 7}\n"),
            "app.yaml:4:3: listen[0].name: is missing; it must be a text\n"
            "app.yaml:4:3: listen[0].port: is missing; write the public port\n"
            "app.yaml:4:3: listen[0].protocol: is missing; write tcp, udp or tls\n"
            "app.yaml:5:34: listen[1].port: must be a whole number from 1 to 65535, not '65536'\n"
            "app.yaml:5:57: listen[1].proxy_protocol: is for tcp and tls, not for udp\n"
            "app.yaml:6:10: listen[2].name: 'a' stands here twice\n"
            "app.yaml:7:34: listen[3].port: 7 is taken by 'a'");
}

TEST(AppYaml, WarnsOfEverySectionWithoutEffect) {
  const auto found = warnings(R"(
domains: [a.example]
locality: {regions: [eu]}
enable_email: true
redirect: {force_https: true}
volumes: [{name: v, mount: /data}]
health_checks:
  - http:
      {path: /, method: GET, headers: [{name: a, value: b}], body: x, timeout: 5s, interval: 60s,
       expect: {status_codes: [200], body_includes: ok, body_regex: o.}, unhealthy_threshold: 1,
       healthy_threshold: 1}
  - http: {path: /, expected_status_codes: [200], expected_body_includes: o, expected_body_regex: o}
jobs:
  - {name: j, trigger: 15m, action: {fetch: {path: /}}, timeout: 5m, max_schedule_drift: 1m,
     retries: 3, jitter_percent_max: 10, jitter_percent_min: 5}
  - name: k
    trigger: "@daily"
    action:
      execute: {package: a/b, command: c, cli_args: [d], env: {E: f}, volumes: [{name: v, mount: /}],
                capabilities: {memory: {limit: 1GB}}}
scheduled_tasks: [{name: t}]
vault: secrets
egress: {allow: [public, "10.0.0.5:5432"]}
capabilities:
  runtime: {engine: llvm, async_threads: true}
  instaboot: {mode: bootstrap, requests: [{path: /}], max_age: 1d}
  database: {engine: mysql}
  cdn_cache: {enabled: true}
  ssh: {enabled: true, users: [{username: u, passwords: [{type: plain, password: p, hash: h}],
        authorized_keys: [k]}]}
)");
  EXPECT_THAT(
      found,
      ElementsAre(
          "app.yaml:4:10: domains: has no effect in brink run: it answers to every host name",
          HasSubstr("locality: has no effect"), HasSubstr("enable_email: has no effect"),
          HasSubstr("redirect: has no effect"),
          HasSubstr("volumes: has no effect in brink run: files there vanish with the instance; "
                    "give --mount HOST:GUEST:rw"),
          HasSubstr("health_checks: has no effect"), HasSubstr("jobs: has no effect"),
          HasSubstr("scheduled_tasks: has no effect"), HasSubstr("vault: has no effect"),
          HasSubstr("capabilities.runtime: has no"), HasSubstr("capabilities.instaboot: has no"),
          HasSubstr("capabilities.database: has no"), HasSubstr("capabilities.cdn_cache: has no"),
          HasSubstr("capabilities.ssh: has no effect")));
}

TEST(AppYaml, IsSilentWhereTheIneffectiveIsNotAskedFor) {
  EXPECT_THAT(warnings("redirect: {force_https: false}\nenable_email: false\nvolumes: []\njobs:\n"
                       "capabilities: {cdn_cache: {enabled: false}}\n"),
              IsEmpty());
}

TEST(AppYaml, ChecksTheTypesOfIneffectiveKeysToo) {
  EXPECT_EQ(
      errors("jobs: [{name: x, retries: often, timeout: soon}]\nvolumes: [a]\n"
             "health_checks: [{tcp: {}}]\n"),
      "app.yaml:3:27: jobs[0].retries: must be a whole number from 0 to 4294967295, not 'often'\n"
      "app.yaml:3:43: jobs[0].timeout: 'soon' is not a duration: it must start with a whole "
      "number; write a whole number and one of ms, s, m, h, d, for example 30s\n"
      "app.yaml:4:11: volumes[0]: must be a map of keys and values\n"
      "app.yaml:5:18: health_checks[0].tcp: unknown key; known here: http");
}

TEST(AppYaml, ReportsDuplicateKeys) {
  EXPECT_EQ(errors("name: a\nname: b\n"),
            "app.yaml:4:1: key 'name' stands here twice, first in line 3; remove one of them");
}

TEST(AppYaml, EgressIsAListOfRules) {
  const auto read = [](std::string_view allow) {
    return read_app_yaml("kind: wasmer.io/App.v0\npackage: .\n" + std::string(allow), "app.yaml");
  };
  EXPECT_FALSE(read("")->egress.has_value()) << "the default is not the file's";
  EXPECT_FALSE(read("egress: {}\n")->egress.has_value());
  EXPECT_THAT(read("egress: {allow: []}\n")->egress->texts(), IsEmpty());
  EXPECT_THAT(read("egress: {allow: [public, \"10.0.0.5:5432\"]}\n")->egress->texts(),
              ElementsAre("public", "10.0.0.5:5432"));
  const auto wrong = read("egress: {allow: [db.example, \"10.0.0.0/8\", \"10.0.0.1/8\"]}\n");
  ASSERT_FALSE(wrong);
  EXPECT_THAT(wrong.error().message, HasSubstr("app.yaml:3:17: egress.allow: 'db.example'"));
  EXPECT_THAT(wrong.error().message, HasSubstr("'10.0.0.1/8' has bits"));
}

}  // namespace
}  // namespace brink::package
