#include "package/wasmer_toml.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace brink::package {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::string_view kModule = "[[module]]\nname = 'm'\nsource = 'm.wasm'\n";

std::string errors(std::string_view text) {
  const auto manifest = read_wasmer_toml(text, "wasmer.toml");
  return manifest ? "accepted" : manifest.error().text();
}

std::string errors_after_module(std::string_view text) {
  return errors(std::string(kModule) + std::string(text));
}

TEST(WasmerToml, ReadsAWholePackage) {
  const auto manifest = read_wasmer_toml(R"(
[package]
name = 'me/site'
version = '1.2.3-rc.1+b5'
description = 'd'
license = 'MIT'
license-file = 'LICENSE'
readme = 'README.md'
repository = 'https://example.com/r'
homepage = 'https://example.com'
entrypoint = 'serve'
private = true
wasmer-extra-flags = '--x'
disable-command-rename = true
rename-commands-to-raw-command-name = false

[dependencies]

[fs]
'/z' = 'public'
'a' = './data'

[[module]]
name = 'site'
source = 'build/site.wasm'
abi = 'wasi'
kind = 'wasm'
interfaces = { wasi = '0.1.0' }
annotations = { suggested-compiler-optimizations = { pass_params = true } }

[[command]]
name = 'serve'
module = 'site'
runner = 'https://webc.org/runner/wcgi'
[command.annotations.wasi]
main-args = ['-v', 'x y']
env = ['A=1', 'B=x=y', 'A=2']
cwd = 'z'
exec-name = 'index'
[command.annotations.wcgi]
dialect = 'wcgi'

[[command]]
name = 'tool'
module = 'site'
runner = 'wasi'
)",
                                         "wasmer.toml");
  ASSERT_TRUE(manifest) << manifest.error().text();
  EXPECT_EQ(manifest->name, "me/site");
  EXPECT_EQ(manifest->version, "1.2.3-rc.1+b5");
  ASSERT_EQ(manifest->fs.size(), 2U);
  EXPECT_EQ(manifest->fs[0].guest, "/z");
  EXPECT_EQ(manifest->fs[1].guest, "/a");
  EXPECT_EQ(manifest->fs[1].host, "./data");
  EXPECT_EQ(manifest->module("site")->source, "build/site.wasm");
  const ManifestCommand* start = manifest->start();
  ASSERT_NE(start, nullptr);
  EXPECT_EQ(start->name, "serve");
  EXPECT_EQ(classify_runner(start->runner), Runner::wcgi);
  EXPECT_THAT(start->main_args, ElementsAre("-v", "x y"));
  EXPECT_THAT(start->env,
              ElementsAre(EnvironmentVariable{"A", "2"}, EnvironmentVariable{"B", "x=y"}));
  EXPECT_EQ(start->cwd, "/z");
  EXPECT_EQ(start->exec_name, "index");
  EXPECT_EQ(start->dialect, Dialect::json);
  EXPECT_THAT(manifest->warnings, IsEmpty());
}

TEST(WasmerToml, StartsTheOnlyCommandWithoutAnEntrypoint) {
  const auto manifest = read_wasmer_toml(
      std::string(kModule) + "[[command]]\nname = 'run'\nmodule = 'm'\nrunner = 'wasi'\n", "w");
  ASSERT_TRUE(manifest) << manifest.error().text();
  EXPECT_EQ(manifest->start()->name, "run");
  EXPECT_FALSE(manifest->start()->dialect);
}

TEST(WasmerToml, ReadsTheOldCommandForm) {
  const auto manifest = read_wasmer_toml(
      "[[module]]\nname='m'\nsource='m.wasm'\nabi='emscripten'\n"
      "[[command]]\nname='c'\nmodule='m'\nmain_args=' -a  b '\n",
      "w");
  ASSERT_TRUE(manifest) << manifest.error().text();
  EXPECT_THAT(manifest->start()->main_args, ElementsAre("-a", "b"));
  EXPECT_EQ(manifest->start()->runner, "emscripten");
}

TEST(WasmerToml, HasNoStartWithoutCommands) {
  const auto manifest = read_wasmer_toml(kModule, "w");
  ASSERT_TRUE(manifest);
  EXPECT_EQ(manifest->start(), nullptr);
}

TEST(WasmerToml, AsksForAnEntrypointAmongSeveralCommands) {
  EXPECT_EQ(errors_after_module("[[command]]\nname='a'\nmodule='m'\nrunner='wasi'\n"
                                "[[command]]\nname='b'\nmodule='m'\nrunner='wasi'\n"),
            "wasmer.toml: package.entrypoint: is missing, and there are several commands; name the "
            "one that starts: a, b");
}

TEST(WasmerToml, RefusesAnEntrypointThatIsNoCommand) {
  EXPECT_EQ(errors("[package]\nentrypoint='x'\n" + std::string(kModule) +
                   "[[command]]\nname='a'\nmodule='m'\nrunner='wasi'\n"),
            "wasmer.toml:2:12: package.entrypoint: there is no command 'x'; this file has: a");
}

TEST(WasmerToml, RefusesUnknownAndDuplicateKeysWithTheirPlace) {
  EXPECT_EQ(errors("[package]\nentrypiont = 'x'\n"),
            "wasmer.toml:2:1: package.entrypiont: unknown key; did you mean entrypoint?");
  EXPECT_EQ(errors("[modul]\n"), "wasmer.toml:1:2: modul: unknown key; did you mean module?");
  EXPECT_THAT(errors("[package]\nname = 'a/b'\nname = 'a/c'\n"), HasSubstr("wasmer.toml:3:"));
}

TEST(WasmerToml, ChecksNamesAndVersions) {
  EXPECT_EQ(errors("[package]\nname='site'\nversion='1.2'\n"),
            "wasmer.toml:2:6: package.name: must be namespace/name, not 'site'\n"
            "wasmer.toml:3:9: package.version: must be like 1.2.3, not '1.2'");
}

TEST(WasmerToml, RefusesDependenciesWithARemedy) {
  EXPECT_EQ(errors("[dependencies]\n'wasmer/python' = '^3'\nx = '1'\n"),
            "wasmer.toml:2:19: dependencies.wasmer/python: packages from a registry are not "
            "supported by this version; put the .wasm file into this package as a [[module]] and "
            "remove the dependency\n"
            "wasmer.toml:3:5: dependencies.x: must be named namespace/name; rename or remove it");
  EXPECT_THAT(errors("[[command]]\nname='c'\nmodule='a/b:c'\nrunner='wasi'\n"),
              HasSubstr("command[0].module: packages from a registry"));
  EXPECT_THAT(errors_after_module("[[command]]\nname='c'\nmodule='m'\npackage='a/b'\n"),
              HasSubstr("command[0].package: packages from a registry"));
}

TEST(WasmerToml, RefusesFilesOutsideOfThePackage) {
  EXPECT_EQ(errors("[fs]\n'/a'='../x'\n'/b'='/etc'\n'/c/..'='x'\n'/d'='a/../b'\n'd/'='e'\n"),
            "wasmer.toml:2:6: fs./a: '../x' is outside of the package; put the files into the "
            "package's directory\n"
            "wasmer.toml:3:6: fs./b: '/etc' is an absolute path; put the files into the package's "
            "directory\n"
            "wasmer.toml:4:9: fs./c/..: '/c/..' has a '..'; write the path inside the program out "
            "from /\n"
            "wasmer.toml:6:6: fs.d/: /d is mapped twice; remove one of them");
  EXPECT_THAT(errors("[[module]]\nname='m'\nsource='x/../../m.wasm'\n"),
              HasSubstr("module[0].source: 'x/../../m.wasm' is outside of the package"));
}

TEST(WasmerToml, ChecksModules) {
  EXPECT_EQ(errors("[[module]]\nsource=''\nabi='x'\n"),
            "wasmer.toml:1:1: module[0].name: is missing; it must be a text\n"
            "wasmer.toml:2:8: module[0].source: must not be empty; write a text\n"
            "wasmer.toml:3:5: module[0].abi: must be one of none, wasi, emscripten, wasm4, not "
            "'x'");
  EXPECT_EQ(errors_after_module("[[module]]\nname='m'\nsource='n.wasm'\n"),
            "wasmer.toml:5:6: module[1].name: module 'm' is defined twice; rename one");
  EXPECT_THAT(errors("[[module]]\nname='m'\nsource='m'\nkind='tensorflow-SavedModel'\n"),
              HasSubstr("module[0].kind: only wasm modules can run"));
}

TEST(WasmerToml, ChecksCommands) {
  EXPECT_EQ(
      errors_after_module("[[command]]\nname='c'\nmodule='n'\nrunner='wcig'\nmain_args='x'\n"),
      "wasmer.toml:6:8: command[0].module: there is no module 'n'; this file has: m\n"
      "wasmer.toml:7:8: command[0].runner: must be one of wasi, wcgi, dcgi, dproxy, "
      "emscripten, wasm4, or a URL, not 'wcig'; did you mean wcgi?\n"
      "wasmer.toml:8:11: command[0].main_args: belongs to commands without runner; write "
      "main-args below [command.annotations.wasi]");
  EXPECT_THAT(errors_after_module("[[command]]\nname='c'\nmodule='m'\n[[command]]\nname='c'\n"
                                  "module='m'\n"),
              HasSubstr("command[1].name: command 'c' is defined twice; rename one"));
}

TEST(WasmerToml, ChecksAnnotations) {
  EXPECT_EQ(
      errors_after_module("[[command]]\nname='c'\nmodule='m'\nrunner='wcgi'\n"
                          "[command.annotations.wasi]\nenv=['A']\ncwd='..'\natom='x'\nmainargs=[]\n"
                          "[command.annotations.wcgi]\ndialect='cgi'\n"),
      "wasmer.toml:9:5: command[0].annotations.wasi.env: 'A' is no variable; write NAME=VALUE\n"
      "wasmer.toml:10:5: command[0].annotations.wasi.cwd: '..' has a '..'; write the path inside "
      "the program out from /\n"
      "wasmer.toml:11:6: command[0].annotations.wasi.atom: is 'x', but module is 'm'; remove atom\n"
      "wasmer.toml:12:1: command[0].annotations.wasi.mainargs: unknown key; did you mean "
      "main-args?\n"
      "wasmer.toml:14:9: command[0].annotations.wcgi.dialect: must be one of rfc-3875, wcgi, not "
      "'cgi'; did you mean wcgi?");
}

TEST(WasmerToml, WarnsOfAnnotationsWithoutEffect) {
  const auto manifest =
      read_wasmer_toml(std::string(kModule) +
                           "[[command]]\nname='c'\nmodule='m'\n"
                           "[command.annotations.wasi]\npackage='p'\nmount-atom-in-volume='v'\n",
                       "w");
  ASSERT_TRUE(manifest) << manifest.error().text();
  EXPECT_THAT(manifest->warnings,
              ElementsAre("w:8:9: command[0].annotations.wasi.package: has no effect",
                          "w:9:22: command[0].annotations.wasi.mount-atom-in-volume: has no "
                          "effect"));
}

std::string with_annotation_file(std::string_view kind, const AnnotationFile& file) {
  const auto manifest =
      read_wasmer_toml(std::string(kModule) +
                           "[[command]]\nname='c'\nmodule='m'\nrunner='wcgi'\nannotations={file='a"
                           ".json', kind='" +
                           std::string(kind) + "'}\n",
                       "w", file);
  return manifest ? manifest->start()->main_args.at(0) : manifest.error().text();
}

TEST(WasmerToml, ReadsAnnotationsFromAFile) {
  EXPECT_EQ(with_annotation_file("json",
                                 [](std::string_view path) -> Result<std::string> {
                                   EXPECT_EQ(path, "a.json");
                                   return "{\"wasi\": {\"main-args\": [\"from json\"]}}";
                                 }),
            "from json");
  EXPECT_EQ(with_annotation_file("yaml",
                                 [](std::string_view) -> Result<std::string> {
                                   return "wasi:\n  main-args: [from yaml]\n";
                                 }),
            "from yaml");
}

TEST(WasmerToml, ReportsErrorsOfTheAnnotationFileInIt) {
  EXPECT_EQ(with_annotation_file(
                "yaml", [](std::string_view) -> Result<std::string> { return "wasii: {}\n"; }),
            "a.json:1:1: wasii: unknown key; did you mean wasi?");
  EXPECT_EQ(with_annotation_file("yaml",
                                 [](std::string_view) -> Result<std::string> {
                                   return fail(ErrorCode::file_not_found, "no such file");
                                 }),
            "w:8:19: command[0].annotations.file: no such file");
  EXPECT_THAT(with_annotation_file("toml", {}), HasSubstr("must be one of json, yaml, not 'toml'"));
}

TEST(RunnerText, IsMatchedByNameOrByPrefixOfItsUri) {
  EXPECT_EQ(classify_runner("wcgi"), Runner::wcgi);
  EXPECT_EQ(classify_runner("https://webc.org/runner/wcgi@1.0"), Runner::wcgi);
  EXPECT_EQ(classify_runner("https://webc.org/runner/dproxy"), Runner::dproxy);
  EXPECT_EQ(classify_runner("https://webc.org/runner/wasi"), Runner::wasi);
  EXPECT_EQ(classify_runner("https://example.com/runner/wcgi"), Runner::unknown);
  EXPECT_EQ(classify_runner("wcgi2"), Runner::unknown);
}

}  // namespace
}  // namespace brink::package
