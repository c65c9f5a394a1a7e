#pragma once

#include <array>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>
#include <string>

#include "base/result.h"
#include "base/unique_fd.h"

namespace brink::node {

/// Compiled programs on disk, found by what they were made from. Artefacts are
/// native code, so each is authenticated before it is handed out: a keyed hash
/// (HMAC-SHA-256) stands beside it, and the key in a file that only the node
/// reads. Whoever can write as this user can do anything anyway; everybody else,
/// the compiler included, cannot put code there.
///
/// Used by one thread; several nodes may share a folder. Bounded: the artefacts
/// that were not used for longest go when it holds more than `most`.
class ArtefactStore {
 public:
  static constexpr std::uintmax_t kMostBytes = std::uintmax_t{4} << 30;

  /// Opens or creates the folder and its key.
  static Result<ArtefactStore> open(const std::filesystem::path& folder,
                                    std::uintmax_t most = kMostBytes);

  /// The cache folder of this user: BRINK_CACHE, XDG_CACHE_HOME/brink or
  /// ~/.cache/brink.
  static std::filesystem::path default_folder();

  /// Hash of everything an artefact depends on: the module, the engine, what the
  /// rewriter does.
  static std::string key_of(std::span<const std::byte> module, std::string_view settings);

  /// A descriptor of the artefact, if there is one and it is genuine; one that is
  /// not is removed.
  std::optional<UniqueFd> find(const std::string& key);

  /// Keeps the content of `artefact` (a memory file); atomic.
  Result<void> put(const std::string& key, int artefact);

 private:
  using Key = std::array<unsigned char, 32>;
  ArtefactStore(std::filesystem::path folder, Key key, std::uintmax_t most)
      : folder_(std::move(folder)), secret_(key), most_(most) {}

  [[nodiscard]] std::string authenticate(std::span<const std::byte> content) const;
  void make_room(std::uintmax_t wanted);

  std::filesystem::path folder_;
  Key secret_;
  std::uintmax_t most_;
};

}  // namespace brink::node
