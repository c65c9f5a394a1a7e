// Random operations on a package with its scratch directory, and the same ones on
// a plain writable directory with the same files: both must answer alike and show
// the same tree, except that a directory of the package cannot be moved.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <random>
#include <sstream>

#include "wasi/files/file_space_fixture.h"

namespace brink::wasi::files {
namespace {

using testing::Entries;
using testing::put;
using testing::read_text;
using testing::why;
using testing::write_text;
namespace fs = testing::fs;

/// One of the two worlds.
class World {
 public:
  World(const fs::path& directory, const fs::path& base, Access access, Origin origin) {
    if (!fs::exists(directory)) build_lower(directory);
    TreeSpec spec;
    spec.devices = Provide::no;
    spec.scratch = Provide::no;
    spec.mounts.push_back({"/", testing::open_host_directory(directory), access, origin});
    auto tree = FileTree::build(std::move(spec));
    BRINK_CHECK(tree.has_value());
    tree_ = std::make_unique<FileTree>(std::move(*tree));
    fs::create_directories(base);
    auto home = ScratchHome::create(testing::open_host_directory(base).get());
    BRINK_CHECK(home.has_value());
    home_ = std::make_unique<ScratchHome>(std::move(*home));
    space_ = std::make_unique<FileSpace>(*tree_, home_.get(), QuotaLimits{}, PathRules::rooted);
    directories_.push_back(space_->preopen(0));
  }

  FileSpace& space() { return *space_; }
  Directory& at(std::size_t index) { return directories_[index % directories_.size()]; }

  Errno open(std::size_t at_index, const std::string& path, const OpenOptions& options,
             std::string_view text) {
    auto opened = space_->open(at(at_index), path, options);
    if (!opened) return opened.error();
    if (auto* file = std::get_if<OpenFile>(&*opened)) {
      if (options.write) static_cast<void>(write_text(*file, text));
      // Handles of what is changed are the same file in both worlds.
      if (options.write && files_.size() < 8) files_.push_back(std::move(*file));
    } else if (options.directory && directories_.size() < 6) {
      directories_.push_back(std::get<Directory>(std::move(*opened)));
    }
    return Errno::success;
  }
  std::string write(std::size_t index, std::string_view text) {
    if (files_.empty()) return {};
    OpenFile& file = files_[index % files_.size()];
    static_cast<void>(file.seek(0, Whence::end));
    static_cast<void>(write_text(file, text));
    const auto stat = file.stat();
    return std::to_string(stat->size) + " " + std::to_string(stat->nlink);
  }
  void close(std::size_t index) {
    if (!files_.empty()) {
      files_.erase(files_.begin() + static_cast<std::ptrdiff_t>(index % files_.size()));
    }
    if (directories_.size() > 1) directories_.pop_back();
  }
  Scratch* scratch() { return const_cast<Scratch*>(space_->scratch()); }
  void close_all() { files_.clear(); }

  /// All there is, one line per name.
  std::string show() {
    std::ostringstream out;
    show(directories_.front(), "", out);
    return out.str();
  }

 private:
  static void build_lower(const fs::path& root) {
    fs::create_directories(root);
    put(root / "a", "file a");
    put(root / "b/a", "file b/a");
    put(root / "b/c/b", "file b/c/b");
    put(root / "b/c/d", "file b/c/d");
    fs::create_directory(root / "c");
    fs::create_symlink("a", root / "b/d");
    fs::create_symlink("/b/c", root / "d");
    fs::create_symlink("../d/b", root / "b/b");
    put(root / "c/c/c/a", "deep");
  }

  void show(Directory& directory, const std::string& prefix, std::ostringstream& out) {
    Entries entries;
    const auto listed = space_->read_directory(directory, 0, entries);
    ASSERT_TRUE(listed.has_value());
    std::map<std::string, FileType> names;
    for (std::size_t i = 0; i < entries.names.size(); ++i) {
      if (entries.names[i] == "." || entries.names[i] == "..") continue;
      EXPECT_TRUE(names.emplace(entries.names[i], entries.types[i]).second) << "twice";
    }
    for (const auto& [name, type] : names) {
      const auto stat = space_->stat(directory, name, Follow::no);
      ASSERT_TRUE(stat.has_value()) << prefix << name;
      EXPECT_EQ(stat->type, type) << prefix << name;
      out << prefix << name << " " << static_cast<int>(type);
      if (type == FileType::regular_file) {
        out << " " << stat->nlink << " " << stat->size;
        auto opened = space_->open(directory, name, {.read = true});
        ASSERT_TRUE(opened.has_value());
        out << " " << read_text(std::get<OpenFile>(*opened));
      }
      if (type == FileType::symbolic_link) out << " -> " << *space_->readlink(directory, name);
      out << "\n";
      if (type != FileType::directory) continue;
      auto opened = space_->open(directory, name, {.read = true, .directory = true});
      ASSERT_TRUE(opened.has_value()) << prefix << name;
      show(std::get<Directory>(*opened), prefix + name + "/", out);
    }
  }

  std::unique_ptr<FileTree> tree_;
  std::unique_ptr<ScratchHome> home_;
  std::unique_ptr<FileSpace> space_;
  std::vector<Directory> directories_;
  std::vector<OpenFile> files_;
};

class Actor {
 public:
  explicit Actor(std::uint32_t seed) : random_(seed) {}

  /// One operation on both: what it was, and whether they agreed.
  void act(World& layered, World& plain) {
    const auto kind = next(12);
    const auto at = next(6);
    const std::string path = make_path();
    const std::string other = make_path();
    const OpenOptions options{.read = true,
                              .write = next(2) == 0,
                              .create = next(2) == 0,
                              .exclusive = next(4) == 0,
                              .truncate = next(4) == 0,
                              .append = next(3) == 0,
                              .follow = next(4) == 0 ? Follow::no : Follow::yes};
    const std::string text = "t" + std::to_string(next(1000));
    const auto follow = next(2) == 0 ? Follow::no : Follow::yes;
    const auto index = next(8);
    std::optional<Errno> is_moved;
    const auto apply = [&](World& world) -> std::string {
      FileSpace& space = world.space();
      const Directory& here = world.at(at);
      switch (kind) {
        case 0:
          return show("mkdir", why(space.mkdir(here, path)));
        case 1:
          return show("rmdir", why(space.rmdir(here, path)));
        case 2:
        case 3:
          return show("unlink", why(space.unlink(here, path)));
        case 4:
        case 5:
          is_moved = why(space.rename(here, path, here, other));
          return show("rename " + other, *is_moved);
        case 6:
          return show("link " + other, why(space.link(here, path, follow, here, other)));
        case 7:
          return show("symlink " + other, why(space.symlink(other, here, path)));
        case 8:
          return world.write(index, text);
        case 9:
          world.close(index);
          return {};
        case 10:
          return show("opendir", world.open(at, path, {.read = true, .directory = true}, {}));
        default:
          return show("open", world.open(at, path, options, text));
      }
    };
    const std::string first = apply(layered);
    if (is_moved == Errno::xdev) return;
    const std::string second = apply(plain);
    EXPECT_EQ(first, second) << kind << " at " << plain.at(at).path() << ": " << path;
  }

 private:
  static std::string show(std::string_view what, Errno result) {
    return std::string(what) + " " + std::to_string(static_cast<int>(result));
  }
  std::size_t next(std::size_t bound) { return random_() % bound; }
  std::string make_path() {
    static constexpr std::array kNames = {"a", "b", "c", "d"};
    std::string path = next(4) == 0 ? "/" : "";
    const std::size_t count = 1 + next(3);
    for (std::size_t i = 0; i < count; ++i) {
      if (i > 0) path += "/";
      path += next(16) == 0 ? ".." : kNames[next(kNames.size())];
    }
    return next(16) == 0 ? path + "/" : path;
  }

  std::mt19937 random_;
};

void compare(std::uint32_t seed, int steps) {
  const testing::TempDirectory host;
  World layered(host / "package", host / "s1", Access::read_only, Origin::package);
  World plain(host / "plain", host / "s2", Access::read_write, Origin::volume);
  const std::string package = [&] {
    World untouched(host / "package2", host / "s3", Access::read_only, Origin::package);
    return untouched.show();
  }();
  Actor actor(seed);
  for (int step = 0; step < steps && !::testing::Test::HasFailure(); ++step) {
    SCOPED_TRACE("seed " + std::to_string(seed) + " step " + std::to_string(step));
    actor.act(layered, plain);
    if (step % 4 == 0) ASSERT_EQ(layered.show(), plain.show());
  }
  // Whatever happened, the package itself is as it was.
  World again(host / "package", host / "s1", Access::read_only, Origin::package);
  EXPECT_EQ(again.show(), package);
}

TEST(LayersModel, BehavesLikeAPlainDirectory) {
  for (std::uint32_t seed = 1; seed <= 40 && !::testing::Test::HasFailure(); ++seed) {
    compare(seed, 150);
  }
}

}  // namespace
}  // namespace brink::wasi::files
