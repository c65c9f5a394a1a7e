#include "package/assemble.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "package/test_directory.h"

namespace brink::package {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;
namespace fs = std::filesystem;

constexpr std::string_view kToml =
    "[[module]]\nname='m'\nsource='m.wasm'\n"
    "[[command]]\nname='site'\nmodule='m'\nrunner='wcgi'\n";
constexpr std::string_view kYaml = "kind: wasmer.io/App.v0\npackage: .\n";

std::string operator+(std::string_view a, std::string_view b) {
  return std::string(a) + std::string(b);
}

class Assemble : public testing::Test {
 protected:
  Assemble() {
    request_.path = directory_.path();
    directory_.write("m.wasm", "");
  }

  void write(std::string_view name, std::string_view content) const {
    directory_.write(name, content);
  }
  [[nodiscard]] std::string path(std::string_view name) const {
    return (directory_.path() / name).string();
  }
  [[nodiscard]] Result<AppSpec> run() const {
    return assemble(request_, [this](const fs::path&) -> Result<ModuleFacts> { return facts_; });
  }
  /// The error, with the test's directory written as DIR.
  [[nodiscard]] std::string error() const {
    const auto spec = run();
    if (spec) return "accepted";
    std::string text = spec.error().text();
    const std::string from = directory_.path().string();
    for (std::size_t i = 0; (i = text.find(from, i)) != std::string::npos;) {
      text.replace(i, from.size(), "DIR");
    }
    return text;
  }

  TestDirectory directory_;
  RunRequest request_;
  ModuleFacts facts_;
};

TEST_F(Assemble, TakesABareModule) {
  request_.path = path("m.wasm");
  request_.arguments = {"a", "b"};
  request_.machine_memory = 4_GiB;
  const auto spec = run();
  ASSERT_TRUE(spec) << spec.error().text();
  EXPECT_EQ(spec->name, "m");
  EXPECT_EQ(spec->mode, Mode::wcgi);
  EXPECT_EQ(spec->reason, "the module does not import sock_listen");
  EXPECT_EQ(spec->module, path("m.wasm"));
  EXPECT_THAT(spec->arguments, ElementsAre("m.wasm", "a", "b"));
  EXPECT_THAT(spec->environment, IsEmpty());
  EXPECT_THAT(spec->directories, IsEmpty());
  EXPECT_EQ(spec->working_directory, "/");
  EXPECT_EQ(spec->dialect, Dialect::rfc3875);
  Limits limits;
  limits.memory_sum = 2_GiB;
  EXPECT_EQ(spec->limits, limits);
}

TEST_F(Assemble, PutsPackageConfigurationAndCommandLineTogether) {
  write("wasmer.toml", "[fs]\n'/site'='public'\n'/data'='.'\n" + kToml +
                           "[command.annotations.wasi]\nmain-args=['x']\nenv=['A=1','B=1','C=1']\n"
                           "cwd='/site'\nexec-name='index'\n"
                           "[command.annotations.wcgi]\ndialect='wcgi'\n");
  write("app.yaml", kYaml +
                        "name: shop\nenv: {B: 2, C: 2}\ncli_args: [y]\ndebug: true\n"
                        "limits: {wall_time: 5s, queue: 7}\n");
  fs::create_directories(path("public"));
  fs::create_directories(path("host"));
  request_.environment = {{"C", "3"}, {"D", "3"}};
  request_.mounts = {{path("host"), "/data", Access::read_write}};
  ASSERT_TRUE(request_.limits.set("wall_time", "6s"));
  const auto spec = run();
  ASSERT_TRUE(spec) << spec.error().text();
  EXPECT_EQ(spec->name, "shop");
  EXPECT_EQ(spec->reason, "wasmer.toml says runner = \"wcgi\"");
  EXPECT_THAT(spec->arguments, ElementsAre("index", "x", "y"));
  EXPECT_THAT(spec->environment,
              ElementsAre(EnvironmentVariable{"A", "1"}, EnvironmentVariable{"B", "2"},
                          EnvironmentVariable{"C", "3"}, EnvironmentVariable{"D", "3"}));
  EXPECT_EQ(spec->working_directory, "/site");
  EXPECT_EQ(spec->dialect, Dialect::json);
  EXPECT_EQ(spec->error_detail, ErrorDetail::shown);
  EXPECT_EQ(spec->limits.wall_time, std::chrono::seconds(6));
  EXPECT_EQ(spec->limits.queue, 7U);
  using Origin = Directory::Origin;
  EXPECT_THAT(spec->directories,
              ElementsAre(Directory{path("public"), "/site", Access::read_only, Origin::package},
                          Directory{directory_.path(), "/data", Access::read_only, Origin::package},
                          Directory{path("host"), "/data", Access::read_write, Origin::mount}));
}

TEST_F(Assemble, LetsArgumentsOfTheCommandLineReplaceCliArgs) {
  write("wasmer.toml", kToml);
  write("app.yaml", kYaml + "cli_args: [y]\n");
  request_.arguments = std::vector<std::string>{};
  EXPECT_THAT(run()->arguments, ElementsAre("site"));
  request_.arguments = {"z"};
  EXPECT_THAT(run()->arguments, ElementsAre("site", "z"));
}

TEST_F(Assemble, ChoosesTheModeInTheDocumentedOrder) {
  request_.path = path("m.wasm");
  facts_.sockets = ModuleFacts::Sockets::listens;
  EXPECT_EQ(error(),
            "mode proxy is not supported by this version (the module imports sock_listen); if it "
            "is a CGI program, give --mode wcgi; to run it once, --mode command");
  request_.path = directory_.path();
  write("wasmer.toml", kToml);
  write("app.yaml", kYaml + "listen: [{name: a, protocol: tcp, port: 7}]\n");
  auto spec = run();
  ASSERT_TRUE(spec) << spec.error().text();
  EXPECT_EQ(spec->mode, Mode::wcgi);
  EXPECT_THAT(spec->warnings,
              ElementsAre(HasSubstr("app.yaml: listen: has no effect in mode wcgi")));
  write("wasmer.toml",
        "[[module]]\nname='m'\nsource='m.wasm'\n"
        "[[command]]\nname='site'\nmodule='m'\nrunner='wasi'\n");
  EXPECT_THAT(error(), StartsWith("mode stream is not supported by this version (app.yaml says "
                                  "listen:)"));
  write("app.yaml", kYaml + "mode: command\n");
  EXPECT_EQ(run()->reason, "app.yaml says mode: command");
  request_.mode = Mode::wcgi;
  EXPECT_EQ(run()->mode, Mode::wcgi);
  EXPECT_EQ(run()->reason, "--mode wcgi");
}

TEST_F(Assemble, RefusesRunnersItDoesNotHave) {
  const auto with_runner = [&](std::string_view runner) {
    write("wasmer.toml",
          "[[module]]\nname='m'\nsource='m.wasm'\n"
          "[[command]]\nname='c'\nmodule='m'\nrunner='" +
              std::string(runner) + "'\n");
    return error();
  };
  EXPECT_THAT(with_runner("https://webc.org/runner/dproxy"), StartsWith("mode proxy is not"));
  EXPECT_THAT(with_runner("dcgi"), HasSubstr("keeps state between requests"));
  EXPECT_EQ(with_runner("emscripten"),
            "DIR/wasmer.toml:4:1: runner 'emscripten' is for programs that are not WASI programs; "
            "use the runner wasi or wcgi, or give --mode wcgi or --mode command");
  EXPECT_THAT(with_runner("https://example.com/x"), HasSubstr("is not known"));
  request_.mode = Mode::command;
  EXPECT_EQ(with_runner("emscripten"), "accepted");
}

TEST_F(Assemble, TakesTheDialectOfTheModuleWhereThePackageIsSilent) {
  request_.path = path("m.wasm");
  facts_.cgi_dialect = "wcgi";
  EXPECT_EQ(run()->dialect, Dialect::json);
  facts_.cgi_dialect = "rfc-3875";
  EXPECT_EQ(run()->dialect, Dialect::rfc3875);
  facts_.cgi_dialect = "fastcgi";
  EXPECT_EQ(error(),
            "DIR/m.wasm: its custom section cgi-dialect says 'fastcgi', not rfc-3875 or wcgi; "
            "rebuild it, or set annotations.wcgi.dialect in wasmer.toml");
}

TEST_F(Assemble, HandsOnWhatTheInspectorSays) {
  request_.path = path("m.wasm");
  const auto spec = assemble(request_, [](const fs::path&) -> Result<ModuleFacts> {
    return fail(ErrorCode::module_invalid, "m.wasm is not a wasm file");
  });
  EXPECT_EQ(spec.error().text(), "m.wasm is not a wasm file");
}

TEST_F(Assemble, SaysWhatIsWrongWithThePath) {
  request_.path = path("none.wasm");
  EXPECT_EQ(error(), "DIR/none.wasm: No such file or directory; check the path");
  EXPECT_EQ(run().error().code, ErrorCode::file_not_found);
  request_.path = directory_.path();
  EXPECT_EQ(error(), "there is no wasmer.toml in DIR; write one, or give the .wasm file itself");
  write("wasmer.toml", kToml);
  request_.path = path("wasmer.toml");
  EXPECT_EQ(error(), "DIR/wasmer.toml describes a package; give the directory it is in");
  write("x.webc", "");
  request_.path = path("x.webc");
  EXPECT_THAT(error(), HasSubstr("packed packages (.webc) are not supported"));
  ASSERT_EQ(::mkfifo(path("pipe").c_str(), 0600), 0);
  request_.path = path("pipe");
  EXPECT_THAT(error(), HasSubstr("is neither a file nor a directory"));
}

TEST_F(Assemble, SaysWhatIsWrongWithThePackage) {
  write("wasmer.toml", "[[module]]\nname='m'\nsource='m.wasm'\n");
  EXPECT_EQ(error(),
            "DIR/wasmer.toml has no [[command]]; add one with name, module and runner, or give the "
            ".wasm file itself");
  write("wasmer.toml",
        "[[module]]\nname='m'\nsource='n.wasm'\n[[command]]\nname='c'\nmodule='m'\n");
  EXPECT_EQ(error(),
            "DIR/wasmer.toml:3:8: source: DIR/n.wasm: No such file or directory; check the path");
  write("wasmer.toml", "[[module]]\nname='m'\nsource='.'\n[[command]]\nname='c'\nmodule='m'\n");
  EXPECT_EQ(
      error(),
      "DIR/wasmer.toml:3:8: source: . is not a regular file; name a .wasm file as the module's "
      "source");
  write("wasmer.toml", "[fs]\n'/a'='none'\n'/b'='m.wasm'\n" + kToml);
  EXPECT_EQ(error(),
            "DIR/wasmer.toml:2:1: fs./a: DIR/none: No such file or directory; check the path");
  write("wasmer.toml", "[fs]\n'/b'='m.wasm'\n" + kToml);
  EXPECT_EQ(error(),
            "DIR/wasmer.toml:2:1: fs./b: m.wasm is not a directory; map the directory that it is "
            "in");
  fs::remove(path("wasmer.toml"));
  fs::create_directories(path("wasmer.toml"));
  EXPECT_EQ(error(), "DIR/wasmer.toml is not a regular file; put a file there");
  write("app.yaml", "kind: x\n");
  EXPECT_THAT(error(), StartsWith("DIR/app.yaml:1:"));
}

TEST_F(Assemble, RefusesLinksThatLeadOutOfThePackage) {
  fs::create_directories(path("pkg"));
  write("pkg/wasmer.toml", kToml);
  request_.path = path("pkg");
  fs::create_symlink(path("m.wasm"), path("pkg/m.wasm"));
  EXPECT_EQ(error(),
            "DIR/pkg/wasmer.toml:3:8: source: m.wasm leads out of the package, to DIR/m.wasm; put "
            "the file "
            "itself into the package's directory");
  fs::remove(path("pkg/m.wasm"));
  write("pkg/m.wasm", "");
  // A sibling whose name merely begins alike is outside too.
  fs::create_directories(path("pkg2"));
  fs::create_symlink("../pkg2", path("pkg/link"));
  write("pkg/wasmer.toml", "[fs]\n'/a'='link'\n" + kToml);
  EXPECT_THAT(error(), HasSubstr("fs./a: link leads out of the package, to DIR/pkg2"));
}

TEST_F(Assemble, FollowsThePackageOfAppYaml) {
  write("app.yaml", "kind: wasmer.io/App.v0\npackage: ./inner\n");
  EXPECT_EQ(error(),
            "DIR/app.yaml: there is no wasmer.toml in DIR/inner; write one, or name a .wasm file "
            "with package: ./NAME.wasm");
  write("inner/wasmer.toml", kToml);
  write("inner/m.wasm", "");
  EXPECT_EQ(run()->module, path("inner/m.wasm"));
  write("app.yaml", "kind: wasmer.io/App.v0\npackage: ./m.wasm\n");
  EXPECT_EQ(run()->module, path("m.wasm"));
  EXPECT_EQ(run()->name, "m");
}

TEST_F(Assemble, ReadsAnnotationsOfAFileInThePackage) {
  write("wasmer.toml", kToml + "annotations={file='a.json',kind='json'}\n");
  EXPECT_THAT(error(), HasSubstr("annotations.file: DIR/a.json: No such file or directory"));
  write("a.json", R"({"wcgi": {"dialect": "wcgi"}})");
  EXPECT_EQ(run()->dialect, Dialect::json);
}

TEST_F(Assemble, ChecksMounts) {
  request_.path = path("m.wasm");
  request_.mounts = {{path("none"), "/a"}};
  EXPECT_EQ(error(), "mount 'DIR/none': No such file or directory; check the path");
  request_.mounts = {{path("m.wasm"), "/a"}};
  EXPECT_THAT(error(), HasSubstr("it is not a directory"));
  request_.mounts = {{path("."), "/a"}, {path("."), "/a"}};
  EXPECT_EQ(error(), "two mounts are at /a; remove one of them");
  if (::geteuid() != 0) {
    fs::create_directories(path("closed"));
    fs::permissions(path("closed"), fs::perms::none);
    request_.mounts = {{path("closed"), "/a"}};
    EXPECT_EQ(error(), "mount 'DIR/closed': Permission denied; change its permissions");
  }
}

TEST_F(Assemble, GivesServedProgramsAbsoluteMountsOnly) {
  request_.path = path("m.wasm");
  request_.mounts = {{path("."), "/a", Access::read_only, "a"}};
  EXPECT_EQ(error(), "mount 'DIR/.': 'a' is not an absolute path; write /a");
  request_.mode = Mode::command;
  EXPECT_EQ(run()->directories.at(0).name, "a");
}

TEST_F(Assemble, RefusesOptionsOfAServerWhereNoneIs) {
  request_.path = path("m.wasm");
  request_.server_options = {"--listen", "--debug"};
  ASSERT_TRUE(run());
  request_.mode = Mode::command;
  EXPECT_EQ(error(),
            "--listen has no effect in mode command (--mode command), where the program runs once; "
            "remove it, or serve with --mode wcgi");
}

TEST_F(Assemble, ACommandsTimeIsBoundedOnlyByWhatIsSet) {
  request_.path = path("m.wasm");
  request_.mode = Mode::command;
  EXPECT_EQ(run()->limits.wall_time, kUnbounded);
  EXPECT_EQ(run()->limits.cpu_time, kUnbounded);
  EXPECT_EQ(run()->limits.memory, Limits().memory);
  ASSERT_TRUE(request_.limits.set("cpu_time", "2s"));
  EXPECT_EQ(run()->limits.cpu_time, std::chrono::seconds(2));
  EXPECT_EQ(run()->limits.wall_time, kUnbounded);
  EXPECT_THAT(run()->warnings, IsEmpty());
  ASSERT_TRUE(request_.limits.set("output", "2MiB"));
  ASSERT_TRUE(request_.limits.set("queue", "7"));
  EXPECT_THAT(run()->warnings, ElementsAre(HasSubstr("output has no effect"),
                                           HasSubstr("queue has no effect in mode command")));
}

TEST_F(Assemble, OnlyALoneCommandHasNoRootOfItsOwn) {
  request_.path = path("m.wasm");
  EXPECT_EQ(run()->root, Root::opened);
  request_.mode = Mode::command;
  EXPECT_EQ(run()->root, Root::only_when_mounted);
  write("wasmer.toml", kToml);
  request_.path = path(".");
  EXPECT_EQ(run()->root, Root::opened);
}

TEST_F(Assemble, KeepsMountsNamesAsWritten) {
  request_.path = path("m.wasm");
  request_.mode = Mode::command;
  request_.mounts = {{path("."), "/data", Access::read_write, "./data"}};
  EXPECT_EQ(run()->directories.front().guest, "/data");
  EXPECT_EQ(run()->directories.front().name, "./data");
}

TEST_F(Assemble, KeepsTheMemoryOfOneInstanceBelowTheSum) {
  request_.path = path("m.wasm");
  ASSERT_TRUE(request_.limits.set("memory", "1GiB"));
  request_.machine_memory = 1_GiB;
  EXPECT_EQ(run()->limits.memory_sum, 1_GiB);
  ASSERT_TRUE(request_.limits.set("memory_sum", "512MiB"));
  EXPECT_EQ(error(),
            "the limit memory (1GiB) is above the limit memory_sum (512MiB), so that no instance "
            "could ever start; lower memory, or raise memory_sum");
}

TEST_F(Assemble, RefusesAnExecutorItDoesNotHave) {
  write("wasmer.toml", kToml);
  write("app.yaml", kYaml + "executor: process\n");
  EXPECT_EQ(error(),
            "DIR/app.yaml: executor: process is not supported by this version; write auto or "
            "worker");
}

}  // namespace
}  // namespace brink::package
