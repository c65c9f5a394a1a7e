// Random trees of directories, files and links, and random paths into them. The
// kernel is the oracle: openat2 with RESOLVE_IN_ROOT is what `rooted` rules mean,
// RESOLVE_BENEATH what `capability` rules mean. Then random changes: whatever they
// do, the directory beside the root stays as it is. The same once more with the tree
// as a package: a scratch directory over it must behave as a plain copy of it does,
// and the package itself stay as it is.

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "base/check.h"
#include "wasi/files/file_space.h"
#include "wasi/files/file_space_fixture.h"

namespace brink::wasi::files {
namespace {

namespace fs = testing::fs;

/// Makes decisions from the input; all of them 0 at its end.
class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size) : rest_(data, size) {}
  std::uint8_t next() {
    if (rest_.empty()) return 0;
    const std::uint8_t byte = rest_.front();
    rest_ = rest_.subspan(1);
    return byte;
  }
  [[nodiscard]] bool is_empty() const { return rest_.empty(); }

  std::string path() {
    static constexpr std::array kParts = {"a", "b", "c", "..", ".", "/", "", "d"};
    std::string path = next() % 8 == 0 ? "/" : "";
    const int count = 1 + next() % 6;
    for (int i = 0; i < count; ++i) {
      path += kParts[next() % kParts.size()];
      if (i + 1 < count || next() % 8 == 0) path += "/";
    }
    return path;
  }

 private:
  std::span<const std::uint8_t> rest_;
};

/// A path of the host below the root whose directories, if they exist, are no links.
std::optional<fs::path> host_path(const fs::path& root, Input& input) {
  fs::path path = root;
  const int depth = input.next() % 3;
  std::error_code ignored;
  for (int i = 0; i <= depth; ++i) {
    if (i > 0 && fs::is_symlink(path, ignored)) return std::nullopt;
    path /= std::string(1, static_cast<char>('a' + input.next() % 4));
  }
  return path;
}

void build_layout(const fs::path& root, Input& input) {
  const int count = input.next() % 24;
  for (int i = 0; i < count; ++i) {
    const auto path = host_path(root, input);
    const int kind = input.next() % 3;
    if (!path) continue;
    if (kind == 0) ::mkdir(path->c_str(), 0700);
    if (kind == 1) ::close(::open(path->c_str(), O_CREAT | O_EXCL | O_WRONLY, 0600));
    if (kind == 2) static_cast<void>(::symlink(input.path().c_str(), path->c_str()));
  }
}

using Identity = std::optional<std::pair<dev_t, ino_t>>;

Identity ask_kernel(int root, const std::string& path, PathRules rules) {
  open_how how{};
  how.flags = O_PATH | O_CLOEXEC;
  how.resolve = rules == PathRules::rooted ? RESOLVE_IN_ROOT : RESOLVE_BENEATH;
  const UniqueFd found(
      static_cast<int>(::syscall(SYS_openat2, root, path.c_str(), &how, sizeof how)));
  struct stat host{};
  if (!found || ::fstat(found.get(), &host) != 0) return std::nullopt;
  return std::pair(host.st_dev, host.st_ino);
}

Identity ask_guest(FileSpace& guest, const Directory& at, const std::string& path) {
  const auto stat = guest.stat(at, path, Follow::yes);
  if (!stat) return std::nullopt;
  return std::pair(stat->dev, stat->ino);
}

Identity identity(const Outcome<Opened>& opened, FileSpace& guest) {
  if (!opened) return std::nullopt;
  const auto* file = std::get_if<OpenFile>(&*opened);
  const auto stat = file != nullptr ? file->stat() : guest.stat(std::get<Directory>(*opened));
  BRINK_CHECK(stat.has_value());
  return std::pair(stat->dev, stat->ino);
}

void compare(FileSpace& guest, const Directory& at, int root, Input& input) {
  const std::string path = input.path();
  const Identity expected = ask_kernel(root, path, guest.rules());
  BRINK_CHECK(ask_guest(guest, at, path) == expected);
  BRINK_CHECK(identity(guest.open(at, path, {.read = true}), guest) == expected);
}

/// One random change of names.
struct Change {
  explicit Change(Input& input) : path(input.path()), kind(input.next() % 8), other(input.path()) {}

  [[nodiscard]] Errno apply(FileSpace& guest, const Directory& at) const {
    if (kind == 0) return testing::why(guest.mkdir(at, path));
    if (kind == 1) return testing::why(guest.rmdir(at, path));
    if (kind == 2) return testing::why(guest.unlink(at, path));
    if (kind == 3) return testing::why(guest.rename(at, path, at, other));
    if (kind == 4) return testing::why(guest.link(at, path, Follow::yes, at, other));
    if (kind == 5) return testing::why(guest.symlink(other, at, path));
    if (kind == 6) {
      return testing::why(guest.open(at, path, {.write = true, .create = true, .truncate = true}));
    }
    return testing::why(guest.set_times(at, path, Follow::yes, {}));
  }

  std::string path;
  int kind;
  std::string other;
};

FileTree build_tree(const fs::path& root, Origin origin = Origin::volume) {
  TreeSpec spec;
  spec.devices = Provide::no;
  spec.scratch = Provide::no;
  spec.mounts.push_back({"/", testing::open_host_directory(root), Access::read_write, origin});
  auto tree = FileTree::build(std::move(spec));
  BRINK_CHECK(tree.has_value());
  return std::move(*tree);
}

void check_outside(const fs::path& outside) {
  BRINK_CHECK(std::distance(fs::directory_iterator(outside), {}) == 2);
  BRINK_CHECK(fs::is_directory(outside / "a") && fs::is_empty(outside / "a"));
  BRINK_CHECK(fs::file_size(outside / "b") == 6 && fs::hard_link_count(outside / "b") == 1);
}

/// What the guest finds there, apart from its numbers.
std::string describe(FileSpace& guest, const Directory& at, const std::string& path) {
  const auto stat = guest.stat(at, path, Follow::yes);
  if (!stat) return "error " + std::to_string(static_cast<int>(stat.error()));
  std::string text = std::to_string(static_cast<int>(stat->type));
  if (stat->type != FileType::directory) {
    return text + " " + std::to_string(stat->size) + " " + std::to_string(stat->nlink);
  }
  auto opened = guest.open(at, path, {.read = true, .directory = true});
  BRINK_CHECK(opened.has_value());
  testing::Entries entries;
  BRINK_CHECK(guest.read_directory(std::get<Directory>(*opened), 0, entries).has_value());
  std::ranges::sort(entries.names);
  for (const std::string& name : entries.names) text += " " + name;
  return text;
}

void run_layered(Input input) {
  const testing::TempDirectory host;
  for (const char* name : {"package", "plain", "untouched", "scratch"}) {
    fs::create_directory(host / name);
  }
  Input again = input;
  Input once_more = input;
  build_layout(host / "package", input);
  build_layout(host / "plain", again);
  build_layout(host / "untouched", once_more);
  const FileTree package = build_tree(host / "package", Origin::package);
  const FileTree plain = build_tree(host / "plain");
  const FileTree untouched = build_tree(host / "untouched");
  auto home = ScratchHome::create(testing::open_host_directory(host / "scratch").get());
  BRINK_CHECK(home.has_value());
  const auto rules = input.next() % 2 == 0 ? PathRules::rooted : PathRules::capability;
  FileSpace layered_guest(package, &*home, {}, rules);
  FileSpace plain_guest(plain, nullptr, {}, rules);
  const Directory layered_root = layered_guest.preopen(0);
  const Directory plain_root = plain_guest.preopen(0);
  for (int i = 0; i < 32 && !input.is_empty(); ++i) {
    const std::string path = input.path();
    BRINK_CHECK(describe(layered_guest, layered_root, path) ==
                describe(plain_guest, plain_root, path));
    const Change change(input);
    const Errno result = change.apply(layered_guest, layered_root);
    // The one thing that is less than a plain directory can.
    if (result == Errno::xdev) continue;
    BRINK_CHECK(change.apply(plain_guest, plain_root) == result);
  }
  FileSpace package_alone(package, nullptr, {}, rules);
  FileSpace as_before(untouched, nullptr, {}, rules);
  for (const char* path : {".", "a", "b", "c", "d", "a/a", "a/b", "b/a", "b/b"}) {
    BRINK_CHECK(describe(package_alone, package_alone.preopen(0), path) ==
                describe(as_before, as_before.preopen(0), path));
  }
}

void run(Input input) {
  // The root lies inside the directory it must not reach: ".." leads there.
  const testing::TempDirectory outside;
  fs::create_directory(outside / "a");
  testing::put(outside / "b", "secret");
  const testing::TempDirectory parent;
  const fs::path root = parent / "d";
  fs::create_directory(root);
  fs::create_directory_symlink(outside.path(), parent / "c");

  build_layout(root, input);
  const FileTree tree = build_tree(root);
  const auto rules = input.next() % 2 == 0 ? PathRules::rooted : PathRules::capability;
  FileSpace guest(tree, nullptr, {}, rules);
  const Directory at = guest.preopen(0);
  const UniqueFd kernel_root = testing::open_host_directory(root);
  for (int i = 0; i < 32 && !input.is_empty(); ++i) {
    compare(guest, at, kernel_root.get(), input);
    static_cast<void>(Change(input).apply(guest, at));
  }
  check_outside(outside.path());
  BRINK_CHECK(std::distance(fs::directory_iterator(parent.path()), {}) == 2);
}

}  // namespace

void fuzz_paths(const std::uint8_t* data, std::size_t size) {
  run(Input(data, size));
  run_layered(Input(data, size));
}

}  // namespace brink::wasi::files

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  brink::wasi::files::fuzz_paths(data, size);
  return 0;
}
