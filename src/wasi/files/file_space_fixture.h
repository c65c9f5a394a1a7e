#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/check.h"
#include "wasi/files/file_space.h"

namespace brink::wasi::files::testing {

namespace fs = std::filesystem;

/// A directory of the host, gone with the object.
class TempDirectory {
 public:
  TempDirectory() {
    std::string pattern = fs::temp_directory_path() / "brink-files.XXXXXX";
    BRINK_CHECK(::mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  ~TempDirectory() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  TempDirectory(const TempDirectory&) = delete;
  TempDirectory& operator=(const TempDirectory&) = delete;

  [[nodiscard]] const fs::path& path() const { return path_; }
  [[nodiscard]] fs::path operator/(std::string_view name) const { return path_ / name; }

 private:
  fs::path path_;
};

inline UniqueFd open_host_directory(const fs::path& path) {
  UniqueFd directory(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  BRINK_CHECK(static_cast<bool>(directory));
  return directory;
}

inline void put(const fs::path& path, std::string_view text) {
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

/// The error number, success for a value.
template <class T>
Errno why(const Outcome<T>& outcome) {
  return outcome ? Errno::success : outcome.error();
}

/// Collects entries, at most `limit` of them.
class Entries final : public DirectorySink {
 public:
  explicit Entries(std::size_t limit = SIZE_MAX) : limit_(limit) {}
  Answer take(const DirectoryEntry& entry) override {
    names.emplace_back(entry.name);
    types.push_back(entry.type);
    inodes.push_back(entry.ino);
    next = entry.next;
    return names.size() < limit_ ? Answer::more : Answer::stop;
  }
  std::vector<std::string> names;
  std::vector<FileType> types;
  std::vector<std::uint64_t> inodes;
  std::uint64_t next = 0;

 private:
  std::size_t limit_;
};

inline std::span<const iovec> one(const iovec& piece) { return {&piece, 1}; }

inline Outcome<std::size_t> write_text(OpenFile& file, std::string_view text) {
  const iovec piece{.iov_base = const_cast<char*>(text.data()), .iov_len = text.size()};
  return file.write(one(piece));
}

inline std::string read_text(const OpenFile& file, std::size_t length = 4096) {
  std::string text(length, '\0');
  const iovec piece{.iov_base = text.data(), .iov_len = text.size()};
  const auto got = file.read(one(piece));
  text.resize(got.value_or(0));
  return text;
}

/// A guest's view over host directories below one temporary directory: "/" is the
/// writable volume `root`, the rest as each test mounts it.
class FileSpaceTest : public ::testing::Test {
 protected:
  void SetUp() override {
    fs::create_directory(root_);
    fs::create_directory(outside_);
    put(outside_ / "secret", "secret");
  }

  void mount(std::string guest_path, const fs::path& host, Access access = Access::read_write,
             Origin origin = Origin::volume) {
    fs::create_directories(host);
    spec_.mounts.push_back({std::move(guest_path), open_host_directory(host), access, origin});
  }

  /// Call it once, after all mounts.
  FileSpace& space(PathRules rules = PathRules::capability, QuotaLimits limits = {}) {
    if (space_) return *space_;
    fs::create_directories(host_ / "scratch");
    const UniqueFd base = open_host_directory(host_ / "scratch");
    auto home = ScratchHome::create(base.get());
    BRINK_CHECK(home.has_value());
    home_ = std::make_unique<ScratchHome>(std::move(*home));
    if (!has_root()) mount("/", root_);
    auto tree = FileTree::build(std::move(spec_));
    BRINK_CHECK(tree.has_value());
    tree_ = std::make_unique<FileTree>(std::move(*tree));
    space_ = std::make_unique<FileSpace>(*tree_, home_.get(), limits, rules);
    guest_root_ = std::make_unique<Directory>(space_->preopen(0));
    return *space_;
  }

  const Directory& root() { return *guest_root_; }

  Outcome<Opened> open(std::string_view path, const OpenOptions& options = {.read = true}) {
    return space().open(root(), path, options);
  }

  /// Which file the guest finds there, by what is in it; the error's number if none.
  std::string content(std::string_view path) { return content(root(), path); }
  std::string content(const Directory& at, std::string_view path) {
    auto opened = space_->open(at, path, {.read = true});
    if (!opened) return "error " + std::to_string(static_cast<int>(opened.error()));
    auto* file = std::get_if<OpenFile>(&*opened);
    return file != nullptr ? read_text(*file) : "no file";
  }

  Errno create(std::string_view path, std::string_view text = {}) {
    auto opened = open(path, {.write = true, .create = true, .truncate = true});
    if (!opened) return opened.error();
    return why(write_text(std::get<OpenFile>(*opened), text));
  }

  Directory directory(std::string_view path) {
    auto opened = open(path, {.read = true, .directory = true});
    BRINK_CHECK(opened.has_value());
    return std::get<Directory>(std::move(*opened));
  }

  static std::string error(Errno number) {
    return "error " + std::to_string(static_cast<int>(number));
  }

  TempDirectory host_;
  fs::path root_ = host_ / "root";
  fs::path outside_ = host_ / "outside";
  TreeSpec spec_;
  std::unique_ptr<ScratchHome> home_;
  std::unique_ptr<FileTree> tree_;
  std::unique_ptr<FileSpace> space_;
  std::unique_ptr<Directory> guest_root_;

 private:
  [[nodiscard]] bool has_root() const {
    for (const Mount& mount : spec_.mounts) {
      if (mount.guest_path == "/") return true;
    }
    return no_root_;
  }

 protected:
  bool no_root_ = false;  ///< leave "/" unmounted
};

}  // namespace brink::wasi::files::testing
