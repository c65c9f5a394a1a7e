#include "cli/run_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace brink::cli {
namespace {

using package::Access;
using package::EnvironmentVariable;
using package::Mount;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr Machine kMachine{3, 8_GiB};

Result<Command> parse(const std::vector<std::string>& arguments) {
  return parse_command_line(arguments, kMachine);
}

RunOptions run(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "run");
  auto command = parse(arguments);
  EXPECT_TRUE(command) << command.error().text();
  return command ? std::get<RunOptions>(*command) : RunOptions{};
}

std::string error(const std::vector<std::string>& arguments) {
  const auto command = parse(arguments);
  if (command) return "accepted";
  EXPECT_EQ(command.error().code, ErrorCode::usage);
  return command.error().text();
}

std::string shown(const std::vector<std::string>& arguments) {
  const auto command = parse(arguments);
  return command ? std::get<ShowText>(*command).text : command.error().text();
}

TEST(RunCommand, HasDefaults) {
  const RunOptions options = run({"hello.wasm"});
  EXPECT_EQ(options.request.path, "hello.wasm");
  EXPECT_FALSE(options.request.arguments);
  EXPECT_FALSE(options.request.mode);
  EXPECT_EQ(options.request.machine_memory, 8_GiB);
  EXPECT_EQ(options.request.error_detail, package::ErrorDetail::hidden);
  EXPECT_EQ(options.listen, (Endpoint{"127.0.0.1", 8080}));
  EXPECT_FALSE(options.admin);
  EXPECT_EQ(options.workers, 3U);
  EXPECT_EQ(options.access_log, AccessLog::off);
  EXPECT_EQ(options.verbosity, Verbosity::normal);
}

TEST(RunCommand, TakesRulesForEgress) {
  EXPECT_THAT(run({"x.wasm"}).request.egress, IsEmpty());
  const RunOptions options = run({"--egress", "all", "--egress", "10.0.0.0/8:443", "x"});
  const net::EgressRules rules(options.request.egress);
  EXPECT_THAT(rules.texts(), ElementsAre("all", "10.0.0.0/8:443"));
  EXPECT_THAT(error({"run", "--egress", "db.example", "x"}), HasSubstr("--egress"));
  EXPECT_THAT(error({"run", "x", "--egress"}), HasSubstr("--egress"));
}

TEST(RunCommand, TakesEveryOption) {
  const RunOptions options =
      run({"--listen",    "[::1]:0",  "--workers", "2",     "--env",        "A=1",
           "--env",       "B=x=y",    "--env",     "A=2",   "--mount",      "/a:/b:rw",
           "--mount",     "c:d",      "--mode",    "wcgi",  "--limit",      "queue=7",
           "--limit",     "grace=1s", "--memory",  "64MiB", "--wall-time",  "1s",
           "--cpu-time",  "2s",       "--output",  "1MiB",  "--access-log", "--admin",
           "127.0.0.1:9", "--debug",  "--quiet",   "dir"});
  EXPECT_EQ(options.request.path, "dir");
  EXPECT_EQ(options.listen, (Endpoint{"::1", 0}));
  EXPECT_EQ(options.admin, (Endpoint{"127.0.0.1", 9}));
  EXPECT_EQ(options.workers, 2U);
  EXPECT_THAT(options.request.environment,
              ElementsAre(EnvironmentVariable{"A", "2"}, EnvironmentVariable{"B", "x=y"}));
  EXPECT_THAT(options.request.mounts, ElementsAre(Mount{"/a", "/b", Access::read_write},
                                                  Mount{"c", "/d", Access::read_only, "d"}));
  EXPECT_EQ(options.request.mode, package::Mode::wcgi);
  package::Limits limits;
  options.request.limits.apply(limits);
  package::Limits expected;
  expected.queue = 7;
  expected.grace = std::chrono::seconds(1);
  expected.memory = 64_MiB;
  expected.wall_time = std::chrono::seconds(1);
  expected.cpu_time = std::chrono::seconds(2);
  expected.output = 1_MiB;
  EXPECT_EQ(limits, expected);
  EXPECT_EQ(options.request.error_detail, package::ErrorDetail::shown);
  EXPECT_EQ(options.access_log, AccessLog::on);
  EXPECT_EQ(options.verbosity, Verbosity::quiet);
}

TEST(RunCommand, HandsOnWhatStandsBehindTheDashes) {
  const RunOptions options = run({"a.wasm", "--quiet", "--", "--listen", "x", "--", "-v", ""});
  EXPECT_THAT(*options.request.arguments, ElementsAre("--listen", "x", "--", "-v", ""));
  EXPECT_EQ(options.verbosity, Verbosity::quiet);
  EXPECT_THAT(*run({"a.wasm", "--"}).request.arguments, IsEmpty());
}

TEST(RunCommand, KeepsAtLeastOneWorkerByDefault) {
  const std::vector<std::string> arguments = {"run", "a.wasm"};
  const auto command = parse_command_line(arguments, {.cpus = 0});
  EXPECT_EQ(std::get<RunOptions>(*command).workers, 1U);
}

TEST(RunCommand, SaysWhatIsWrong) {
  EXPECT_EQ(error({"run"}),
            "brink run needs a PATH; give a .wasm file, or a directory with a wasmer.toml; brink "
            "run --help explains");
  EXPECT_THAT(error({"run", "--", "a.wasm"}), HasSubstr("needs a PATH in front of --;"));
  EXPECT_THAT(error({"run", ""}), HasSubstr("PATH is empty"));
  EXPECT_EQ(error({"run", "a", "b"}),
            "'b' is one argument too many; put what is meant for the program behind --");
  EXPECT_EQ(error({"run", "a", "--wrokers", "3"}),
            "there is no option '--wrokers'; did you mean --workers?");
  EXPECT_EQ(error({"run", "a", "--colour=x"}),
            "there is no option '--colour'; see brink run --help");
  EXPECT_EQ(error({"run", "a", "-x"}), "there is no option '-x'; see brink run --help");
  EXPECT_EQ(error({"run", "a", "--listen", "localhost:1"}),
            "--listen: 'localhost:1' does not begin with an IP address; write ADDRESS:PORT, for "
            "example 127.0.0.1:8080 or [::1]:8080");
  EXPECT_EQ(error({"run", "a", "--admin", "1.2.3.4:x"}),
            "--admin: '1.2.3.4:x' does not end in a port from 0 to 65535; write ADDRESS:PORT, for "
            "example 127.0.0.1:8080 or [::1]:8080");
  EXPECT_EQ(error({"run", "a", "--admin", "127.0.0.1:8080"}),
            "--admin and --listen are the same address; give --admin another port");
  EXPECT_EQ(error({"run", "a", "--env", "A"}), "--env: 'A' is no variable; write NAME=VALUE");
  EXPECT_EQ(error({"run", "a", "--mount", "/x:/a/../b"}),
            "--mount: mount '/x:/a/../b': '/a/../b' has a '..'; write the path inside the program "
            "out from /");
  EXPECT_EQ(error({"run", "a", "--mode", "cgi"}),
            "--mode 'cgi': there is no such mode; did you mean wcgi?");
  EXPECT_EQ(error({"run", "a", "--mode", "serve"}),
            "--mode 'serve': there is no such mode; write auto, wcgi or command");
  EXPECT_EQ(error({"run", "a", "--mode", "proxy"}),
            "--mode proxy is not supported by this version; write auto, wcgi or command");
}

TEST(RunCommand, ChecksWorkersAndRepetition) {
  for (const std::string workers : {"0", "81", "-1", "two", "1x"}) {
    EXPECT_EQ(error({"run", "a", "--workers", workers}),
              "--workers: '" + workers + "' is no number of workers; write 1 to 80");
  }
  EXPECT_EQ(error({"run", "a", "--listen", "1.1.1.1:1", "--listen", "1.1.1.1:2"}),
            "--listen is given twice; remove one of them");
}

TEST(RunCommand, RefusesEmptyValues) {
  for (const auto& [option, value] :
       std::vector<std::pair<std::string, std::string>>{{"--listen", "ADDR:PORT"},
                                                        {"--workers", "N"},
                                                        {"--memory", "VALUE"},
                                                        {"--mode", "MODE"}}) {
    EXPECT_EQ(error({"run", "a", option, ""}),
              option + ": the value is empty; write " + option + " " + value);
  }
}

TEST(RunCommand, ChecksLimits) {
  EXPECT_EQ(error({"run", "a", "--limit", "queue"}),
            "--limit 'queue' has no value; write NAME=VALUE");
  EXPECT_EQ(error({"run", "a", "--limit", "memroy=1MiB"}),
            "--limit 'memroy': there is no limit 'memroy'; did you mean memory?");
  EXPECT_EQ(error({"run", "a", "--memory", "8GiB"}),
            "--memory: '8GiB' is out of bounds; write 64KiB to 4GiB");
  EXPECT_EQ(error({"run", "a", "--memory", "1MiB", "--limit", "memory=1MiB"}),
            "the limit memory is given twice; remove one of them");
}

TEST(RunCommand, RemembersWhatOnlyAServerUnderstands) {
  EXPECT_THAT(run({"a", "--quiet", "--memory", "1MiB"}).request.server_options, IsEmpty());
  EXPECT_THAT(run({"a", "--access-log", "--listen", "1.1.1.1:1", "--workers=1", "--debug"})
                  .request.server_options,
              ElementsAre("--access-log", "--listen", "--workers", "--debug"));
}

TEST(CommandLine, KnowsItsCommands) {
  EXPECT_EQ(error({"rnu", "a"}), "there is no command 'rnu'; did you mean run?");
  EXPECT_EQ(error({"hlp"}), "there is no command 'hlp'; did you mean help?");
  EXPECT_EQ(error({"a.wasm"}),
            "there is no command 'a.wasm'; to serve a program, write brink run 'a.wasm'");
  EXPECT_EQ(error({"--quiet", "run", "a"}),
            "--quiet stands in front of the command; write brink run --quiet, then the rest");
  EXPECT_EQ(error({"--verison"}), "there is no option '--verison'; did you mean --version?");
  EXPECT_EQ(shown({"--version"}), "brink 0.1.0\n");
}

TEST(CommandLine, ExplainsItself) {
  EXPECT_THAT(shown({"help"}), HasSubstr("Serve a program over HTTP"));
  EXPECT_EQ(shown({"help"}), shown({"--help"}));
  EXPECT_EQ(shown({"help"}), shown({}));
  EXPECT_EQ(error({"help", "rnu"}), "there is no command 'rnu'; did you mean run?");
  EXPECT_EQ(shown({"help", "run"}), shown({"run", "--help"}));
  const std::string help = shown({"run", "--help"});
  for (const char* option :
       {"--listen ADDR:PORT", "--workers N", "--env NAME=VALUE", "--mount HOST:GUEST[:ro|rw]",
        "--mode MODE", "--limit NAME=VALUE", "--wall-time VALUE", "--cpu-time VALUE",
        "--memory VALUE", "--output VALUE", "--access-log", "--admin ADDR:PORT", "--debug",
        "--quiet", "(default 128MiB)", "brink run [OPTIONS] PATH [-- ARGS]"}) {
    EXPECT_THAT(help, HasSubstr(option));
  }
  for (const std::string_view limit : package::limit_names()) {
    EXPECT_THAT(help, HasSubstr(std::string(limit)));
  }
}

}  // namespace
}  // namespace brink::cli
