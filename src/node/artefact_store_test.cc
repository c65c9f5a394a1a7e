#include "node/artefact_store.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

#include "package/test_directory.h"

namespace brink::node {
namespace {

namespace fs = std::filesystem;

UniqueFd memory_file(std::string_view content) {
  UniqueFd file(::memfd_create("artefact", MFD_CLOEXEC));
  EXPECT_EQ(::write(file.get(), content.data(), content.size()),
            static_cast<ssize_t>(content.size()));
  return file;
}

std::string content_of(const std::optional<UniqueFd>& file) {
  if (!file) return "(none)";
  std::string text(4096, '\0');
  const ssize_t size = ::pread(file->get(), text.data(), text.size(), 0);
  text.resize(static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
  return text;
}

std::span<const std::byte> bytes(std::string_view text) { return std::as_bytes(std::span(text)); }

class ArtefactStoreTest : public testing::Test {
 protected:
  [[nodiscard]] fs::path artefact(const std::string& key) const {
    return directory.path() / (key + ".cwasm");
  }
  void put(ArtefactStore& to, const std::string& key, std::string_view content) {
    ASSERT_TRUE(to.put(key, memory_file(content).get()));
  }

  package::TestDirectory directory;
  ArtefactStore store = ArtefactStore::open(directory.path()).value();
};

TEST_F(ArtefactStoreTest, FindsWhatWasPutAndNothingElse) {
  put(store, "a", "native code");
  EXPECT_EQ(content_of(store.find("a")), "native code");
  EXPECT_FALSE(store.find("b"));
}

TEST_F(ArtefactStoreTest, ReplacesAnArtefact) {
  put(store, "a", "first");
  put(store, "a", "second");
  EXPECT_EQ(content_of(store.find("a")), "second");
}

TEST_F(ArtefactStoreTest, IsFoundByTheNextNodeWithTheSameKey) {
  put(store, "a", "native code");
  auto again = ArtefactStore::open(directory.path()).value();
  EXPECT_EQ(content_of(again.find("a")), "native code");
}

TEST_F(ArtefactStoreTest, RefusesAndRemovesATamperedArtefact) {
  put(store, "a", "native code");
  directory.write("a.cwasm", "native c0de");
  EXPECT_FALSE(store.find("a"));
  EXPECT_FALSE(fs::exists(artefact("a")));
  EXPECT_FALSE(fs::exists(artefact("a").string() + ".hmac"));
}

TEST_F(ArtefactStoreTest, RefusesAForgedOrMissingHash) {
  put(store, "a", "native code");
  directory.write("a.cwasm.hmac", std::string(64, '0'));
  EXPECT_FALSE(store.find("a"));
  put(store, "a", "native code");
  fs::remove(artefact("a").string() + ".hmac");
  EXPECT_FALSE(store.find("a"));
}

TEST_F(ArtefactStoreTest, RefusesAnArtefactMadeWithAnotherKey) {
  package::TestDirectory other;
  auto foreign = ArtefactStore::open(other.path()).value();
  put(foreign, "a", "native code");
  for (const char* name : {"a.cwasm", "a.cwasm.hmac"}) {
    fs::copy_file(other.path() / name, directory.path() / name);
  }
  EXPECT_FALSE(store.find("a"));
}

TEST_F(ArtefactStoreTest, DoesNotFollowALink) {
  put(store, "a", "native code");
  fs::rename(artefact("a"), artefact("elsewhere"));
  fs::create_symlink(artefact("elsewhere"), artefact("a"));
  EXPECT_FALSE(store.find("a"));
}

TEST_F(ArtefactStoreTest, MakesItsKeyOnceAndForItsUserOnly) {
  const auto before = fs::last_write_time(directory.path() / "key");
  struct stat status{};
  ASSERT_EQ(::stat((directory.path() / "key").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
  EXPECT_EQ(status.st_size, 32);
  ASSERT_TRUE(ArtefactStore::open(directory.path()));
  EXPECT_EQ(fs::last_write_time(directory.path() / "key"), before);
}

TEST_F(ArtefactStoreTest, AnArtefactIsForAnyUserWhoIsHandedItAndItsFolderForNoOther) {
  const auto mode_of = [](const fs::path& path) {
    struct stat status{};
    return ::stat(path.c_str(), &status) == 0 ? status.st_mode & 0777 : 0;
  };
  put(store, "a", "code");
  EXPECT_EQ(mode_of(artefact("a")), 0644U);
  // One that an earlier version wrote.
  ASSERT_EQ(::chmod(artefact("a").c_str(), 0600), 0);
  ASSERT_TRUE(store.find("a"));
  EXPECT_EQ(mode_of(artefact("a")), 0644U);
  ASSERT_EQ(::chmod(directory.path().c_str(), 0755), 0);
  ASSERT_TRUE(ArtefactStore::open(directory.path()));
  EXPECT_EQ(mode_of(directory.path()), 0700U);
}

TEST_F(ArtefactStoreTest, AKeyThatIsCutOffIsMadeAnew) {
  directory.write("key", "short");
  ASSERT_TRUE(ArtefactStore::open(directory.path()));
  EXPECT_EQ(fs::file_size(directory.path() / "key"), 32U);
}

TEST_F(ArtefactStoreTest, TheNameDependsOnEveryInput) {
  const std::string name = ArtefactStore::key_of(bytes("module"), "settings");
  EXPECT_EQ(name, ArtefactStore::key_of(bytes("module"), "settings"));
  EXPECT_NE(name, ArtefactStore::key_of(bytes("modulE"), "settings"));
  EXPECT_NE(name, ArtefactStore::key_of(bytes("module"), "settingS"));
  EXPECT_NE(ArtefactStore::key_of(bytes("ab"), "c"), ArtefactStore::key_of(bytes("b"), "ca"));
}

TEST_F(ArtefactStoreTest, MakesRoomByRemovingWhatWasNotUsedForLongest) {
  auto small = ArtefactStore::open(directory.path(), 1000).value();
  const std::string half(400, 'x');
  put(small, "old", half);
  put(small, "used", half);
  const auto now = fs::file_time_type::clock::now();
  fs::last_write_time(artefact("old"), now - std::chrono::hours(2));
  fs::last_write_time(artefact("used"), now - std::chrono::hours(3));
  ASSERT_TRUE(small.find("used"));
  put(small, "new", half);
  EXPECT_FALSE(small.find("old"));
  EXPECT_FALSE(fs::exists(artefact("old").string() + ".hmac"));
  EXPECT_TRUE(small.find("used"));
  EXPECT_TRUE(small.find("new"));
}

TEST_F(ArtefactStoreTest, RemovesWhatAKilledNodeLeftHalfWritten) {
  directory.write("a.cwasm.new-abc123", "half");
  directory.write("b.cwasm.new-abc123", "half");
  fs::last_write_time(directory.path() / "a.cwasm.new-abc123",
                      fs::file_time_type::clock::now() - std::chrono::hours(2));
  put(store, "a", "native code");
  EXPECT_FALSE(fs::exists(directory.path() / "a.cwasm.new-abc123"));
  EXPECT_TRUE(fs::exists(directory.path() / "b.cwasm.new-abc123")) << "may still be written";
}

TEST_F(ArtefactStoreTest, AFolderThatCannotBeMadeIsAnErrorWithARemedy) {
  directory.write("file", "");
  const auto opened = ArtefactStore::open(directory.path() / "file" / "artefacts");
  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().text().find("BRINK_CACHE"), std::string::npos);
}

/// Sets environment variables for one test.
class Environment {
 public:
  Environment(const char* name, const char* value) : name_(name) {
    if (const char* old = std::getenv(name)) before_ = old;
    value != nullptr ? ::setenv(name, value, 1) : ::unsetenv(name);
  }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;
  ~Environment() { before_ ? ::setenv(name_, before_->c_str(), 1) : ::unsetenv(name_); }

 private:
  const char* name_;
  std::optional<std::string> before_;
};

TEST(DefaultFolder, IsBrinksOwnThenXdgsThenInHome) {
  const Environment home("HOME", "/home/me");
  const Environment no_xdg("XDG_CACHE_HOME", nullptr);
  const Environment no_own("BRINK_CACHE", nullptr);
  EXPECT_EQ(ArtefactStore::default_folder(), "/home/me/.cache/brink/artefacts");
  const Environment xdg("XDG_CACHE_HOME", "/xdg");
  EXPECT_EQ(ArtefactStore::default_folder(), "/xdg/brink/artefacts");
  const Environment own("BRINK_CACHE", "/own");
  EXPECT_EQ(ArtefactStore::default_folder(), "/own/artefacts");
}

TEST(DefaultFolder, ARelativeOrMissingHomeDoesNotCount) {
  const Environment no_own("BRINK_CACHE", "");
  const Environment xdg("XDG_CACHE_HOME", "relative");
  const Environment home("HOME", nullptr);
  EXPECT_EQ(ArtefactStore::default_folder(), "/tmp/brink-artefacts-" + std::to_string(::geteuid()));
}

}  // namespace
}  // namespace brink::node
