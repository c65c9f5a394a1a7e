#include "node/artefact_store.h"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <vector>

namespace brink::node {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kSuffix = ".cwasm";
constexpr std::string_view kMacSuffix = ".hmac";
constexpr std::string_view kTemporary = ".new-";
// Temporary files older than this belong to nobody.
constexpr std::chrono::hours kLongestWrite{1};

std::string hex(std::span<const unsigned char> bytes) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const unsigned char byte : bytes) {
    text.push_back(kDigits[byte >> 4]);
    text.push_back(kDigits[byte & 15]);
  }
  return text;
}

/// A file's content, mapped for as long as this lives.
class Mapping {
 public:
  explicit Mapping(int fd) {
    struct stat status{};
    if (::fstat(fd, &status) != 0 || status.st_size <= 0) return;
    size_ = static_cast<std::size_t>(status.st_size);
    void* address = ::mmap(nullptr, size_, PROT_READ, MAP_SHARED, fd, 0);
    address_ = address == MAP_FAILED ? nullptr : address;
  }
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  ~Mapping() {
    if (address_ != nullptr) ::munmap(address_, size_);
  }
  [[nodiscard]] std::span<const std::byte> bytes() const {
    if (address_ == nullptr) return {};
    return {static_cast<const std::byte*>(address_), size_};
  }

 private:
  void* address_ = nullptr;
  std::size_t size_ = 0;
};

Result<void> write_all(int fd, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      return std::unexpected(errno_error(ErrorCode::io_error, "the artefact cache", errno));
    }
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return {};
}

// A process that runs the program opens the artefact anew (through the descriptor it
// was sent), as a user who owns nothing here. What keeps others away is the folder.
constexpr mode_t kArtefactMode = 0644;
constexpr mode_t kPrivateMode = 0600;

/// Writes a file so that it is there whole or not at all.
Result<void> write_file(const fs::path& path, std::span<const std::byte> bytes, mode_t mode) {
  std::string temporary = path.string() + std::string(kTemporary) + "XXXXXX";
  const UniqueFd file(::mkostemp(temporary.data(), O_CLOEXEC));
  if (!file) return std::unexpected(errno_error(ErrorCode::io_error, path.string(), errno));
  auto written = write_all(file.get(), bytes);
  if (written && (::fchmod(file.get(), mode) != 0 || ::fsync(file.get()) != 0 ||
                  ::rename(temporary.c_str(), path.c_str()) != 0)) {
    written = std::unexpected(errno_error(ErrorCode::io_error, path.string(), errno));
  }
  if (!written) ::unlink(temporary.c_str());
  return written;
}

/// Artefacts are machine code: whoever can write here can run code as this user.
Result<void> check_owner(const fs::path& folder) {
  struct stat name{};
  struct stat target{};
  if (::lstat(folder.c_str(), &name) != 0 || ::stat(folder.c_str(), &target) != 0) {
    return std::unexpected(errno_error(ErrorCode::io_error, folder.string(), errno));
  }
  if (name.st_uid != ::geteuid() || target.st_uid != ::geteuid()) {
    return fail(ErrorCode::io_error,
                "the cache folder " + folder.string() + " belongs to somebody else",
                "set BRINK_CACHE to a folder of your own");
  }
  if ((target.st_mode & 0077) != 0 && ::chmod(folder.c_str(), 0700) != 0) {
    return std::unexpected(errno_error(ErrorCode::io_error, folder.string(), errno));
  }
  return {};
}

std::string read_small(const fs::path& path) {
  std::string text(128, '\0');
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  const ssize_t got = file ? ::read(file.get(), text.data(), text.size()) : -1;
  text.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  return text;
}

}  // namespace

fs::path ArtefactStore::default_folder() {
  if (const char* own = std::getenv("BRINK_CACHE"); own != nullptr && *own != '\0') {
    return fs::path(own) / "artefacts";
  }
  if (const char* xdg = std::getenv("XDG_CACHE_HOME"); xdg != nullptr && *xdg == '/') {
    return fs::path(xdg) / "brink" / "artefacts";
  }
  if (const char* home = std::getenv("HOME"); home != nullptr && *home == '/') {
    return fs::path(home) / ".cache" / "brink" / "artefacts";
  }
  // Directly in the sticky /tmp: nobody can put another in the place of a folder
  // that is ours.
  return "/tmp/brink-artefacts-" + std::to_string(::geteuid());
}

Result<ArtefactStore> ArtefactStore::open(const fs::path& folder, std::uintmax_t most) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) {
    return fail(ErrorCode::io_error, "the cache folder " + folder.string() + ": " + error.message(),
                "set BRINK_CACHE to a folder that can be written");
  }
  TRY_VOID(check_owner(folder));
  const fs::path file = folder / "key";
  Key key{};
  std::string text = read_small(file);
  if (text.size() != key.size()) {
    if (::getrandom(key.data(), key.size(), 0) != static_cast<ssize_t>(key.size())) {
      return std::unexpected(errno_error(ErrorCode::internal, "getrandom", errno));
    }
    TRY_VOID(write_file(file, std::as_bytes(std::span(key)), kPrivateMode));
    text = read_small(file);  // another node may have been first
    if (text.size() != key.size())
      return fail(ErrorCode::io_error, "the key of the artefact cache");
  }
  std::ranges::copy(text, key.begin());
  return ArtefactStore(folder, key, most);
}

std::string ArtefactStore::key_of(std::span<const std::byte> module, std::string_view settings) {
  std::array<unsigned char, 32> digest{};
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  EVP_DigestInit_ex(context, EVP_sha256(), nullptr);
  const std::uint64_t size = settings.size();
  EVP_DigestUpdate(context, &size, sizeof(size));
  EVP_DigestUpdate(context, settings.data(), settings.size());
  EVP_DigestUpdate(context, module.data(), module.size());
  EVP_DigestFinal_ex(context, digest.data(), nullptr);
  EVP_MD_CTX_free(context);
  return hex(digest);
}

std::string ArtefactStore::authenticate(std::span<const std::byte> content) const {
  std::array<unsigned char, 32> mac{};
  unsigned size = mac.size();
  HMAC(EVP_sha256(), secret_.data(), static_cast<int>(secret_.size()),
       reinterpret_cast<const unsigned char*>(content.data()), content.size(), mac.data(), &size);
  return hex(mac);
}

std::optional<UniqueFd> ArtefactStore::find(const std::string& key) {
  const fs::path path = folder_ / (key + std::string(kSuffix));
  UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!file) return std::nullopt;
  const std::string expected = read_small(path.string() + std::string(kMacSuffix));
  const std::string actual = authenticate(Mapping(file.get()).bytes());
  if (expected.size() == actual.size() &&
      CRYPTO_memcmp(expected.data(), actual.data(), actual.size()) == 0) {
    ::futimens(file.get(), nullptr);
    ::fchmod(file.get(), kArtefactMode);
    return file;
  }
  ::unlink(path.c_str());
  ::unlink((path.string() + std::string(kMacSuffix)).c_str());
  return std::nullopt;
}

Result<void> ArtefactStore::put(const std::string& key, int artefact) {
  const Mapping content(artefact);
  make_room(content.bytes().size());
  const fs::path path = folder_ / (key + std::string(kSuffix));
  const std::string mac = authenticate(content.bytes());
  // The hash first: an artefact without one is never taken for genuine.
  TRY_VOID(write_file(path.string() + std::string(kMacSuffix), std::as_bytes(std::span(mac)),
                      kPrivateMode));
  return write_file(path, content.bytes(), kArtefactMode);
}

/// Makes room for `wanted` bytes more, and removes what killed nodes left half written.
void ArtefactStore::make_room(std::uintmax_t wanted) {
  struct Entry {
    fs::path path;
    std::uintmax_t size;
    fs::file_time_type used;
  };
  std::vector<Entry> entries;
  std::uintmax_t total = wanted;
  const auto abandoned = fs::file_time_type::clock::now() - kLongestWrite;
  std::error_code error;
  for (const auto& item : fs::directory_iterator(folder_, error)) {
    const std::string extension = item.path().extension().string();
    if (extension.starts_with(kTemporary) && item.last_write_time(error) < abandoned && !error) {
      fs::remove(item.path(), error);
    }
    if (extension != kSuffix) continue;
    entries.push_back({item.path(), item.file_size(error), item.last_write_time(error)});
    total += entries.back().size;
  }
  std::ranges::sort(entries, {}, &Entry::used);
  for (const Entry& entry : entries) {
    if (total <= most_) return;
    fs::remove(entry.path.string() + std::string(kMacSuffix), error);
    fs::remove(entry.path, error);
    total -= entry.size;
  }
}

}  // namespace brink::node
