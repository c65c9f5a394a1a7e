#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "wasi/files/devices.h"

namespace brink::wasi::files {

enum class Access : std::uint8_t { read_only, read_write };
enum class Origin : std::uint8_t { package, volume, scratch };

/// One host directory in the guest's name space, as the embedder gives it.
struct Mount {
  std::string guest_path;   ///< "/", "/data", "data", "a/b" or "."; no ".."
  UniqueFd host_directory;  ///< opened with O_PATH | O_DIRECTORY
  Access access = Access::read_only;
  Origin origin = Origin::volume;  ///< a package is never writable
};

/// A file that exists in the tree only, read-only for the host: what a guest
/// writes there is written to a copy of its own.
struct ProvidedFile {
  std::string guest_path;  ///< absolute, like "/etc/hosts"
  UniqueFd content;        ///< a regular file, or what content_of() made
};

/// A descriptor of a file that holds `bytes` and that nobody can change.
Result<UniqueFd> content_of(std::string_view bytes);

/// A directory that names resolve in: a mount, or "scratch", where there is
/// nothing but what the instance itself has written.
struct Layer {
  UniqueFd root;  ///< none for scratch
  Access access = Access::read_only;
  Origin origin = Origin::volume;
};

/// A name that exists because of the configuration: a mount point, a device, a
/// provided file, or a directory on the way to one. Where such a name meets one of
/// the layer below it, this one wins; what an instance writes comes before a
/// provided file, and before nothing else of the tree.
struct Node {
  enum class Kind : std::uint8_t { directory, device, file };

  std::string name;
  const Node* parent = nullptr;   ///< none for the root
  const Layer* layer = nullptr;   ///< begins here; none for a directory on the way
  const Layer* region = nullptr;  ///< the one that this place lies in, null: the tree only
  Kind kind = Kind::directory;
  Device device = Device::null;                 ///< of a device
  UniqueFd content;                             ///< of a file
  std::uint64_t ino = 0;                        ///< for stat; unique in the tree
  std::vector<std::unique_ptr<Node>> children;  ///< sorted by name

  [[nodiscard]] const Node* child(std::string_view wanted) const noexcept;
  /// Absolute, "/" for the root.
  [[nodiscard]] std::string path() const;
};

/// A directory that a program finds open when it starts.
struct Preopen {
  std::string name;  ///< exactly as it was spelled in the configuration
  Access access = Access::read_only;
  const Node* node = nullptr;
};

/// Whether the guest's root is preopened when nothing is mounted there. It is a
/// directory of the mounts, /tmp and /dev then.
enum class RootPreopen : std::uint8_t { always, when_mounted };
enum class Provide : std::uint8_t { yes, no };

struct TreeSpec {
  std::vector<Mount> mounts;
  RootPreopen root = RootPreopen::always;
  /// Where the root is preopened, once more as ".", last, unless a mount has the name:
  /// programs of 2019 find relative paths only below a directory of a relative name.
  Provide dot = Provide::no;
  Provide devices = Provide::yes;  ///< /dev, unless a mount is there
  Provide scratch = Provide::yes;  ///< /tmp, unless a mount is there
  /// Left out where a package has something of its own, and below volumes.
  std::vector<ProvidedFile> files;
};

/// The guest's name space as far as it is the same for all instances of one
/// program version. Immutable, so safe from any thread; outlives the FileSpaces
/// that refer to it. Owns the mounts' descriptors.
class FileTree {
 public:
  /// Checks and builds. Refused (config_invalid): guest paths with "..", a NUL,
  /// an over-long name, two mounts on one place, more than kMaxMounts; provided
  /// files the same, more than kMaxFiles.
  static Result<FileTree> build(TreeSpec spec);

  static constexpr std::size_t kMaxMounts = 256;
  static constexpr std::size_t kMaxFiles = 1024;

  /// "/" first when it is one, then the mounts as given, then "." if asked for.
  [[nodiscard]] std::span<const Preopen> preopens() const noexcept { return preopens_; }
  [[nodiscard]] const Node& root() const noexcept { return *root_; }
  /// The tree's node at a path without ".."; null if it knows none there.
  [[nodiscard]] const Node* find(std::string_view path) const noexcept;
  /// What the tree's deepest mount on the way to `path` is; null for none.
  [[nodiscard]] const Layer* region_of(std::string_view path) const noexcept;

 private:
  FileTree() = default;
  Node& place(std::string_view guest_path);
  Result<const Node*> add_mount(Mount mount);
  void add_scratch();
  void add_devices();
  Result<void> add_file(ProvidedFile file);
  [[nodiscard]] bool is_taken(std::string_view guest_path) const;
  void add_dot();

  std::unique_ptr<Node> root_;
  std::vector<std::unique_ptr<Layer>> layers_;
  std::vector<Preopen> preopens_;
  std::uint64_t last_ino_ = 1;
};

}  // namespace brink::wasi::files
