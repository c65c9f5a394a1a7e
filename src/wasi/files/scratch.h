#pragma once

#include <sys/stat.h>
#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <string>

#include "base/unique_fd.h"
#include "wasi/errno.h"
#include "wasi/files/quota.h"
#include "wasi/files/scratch_home.h"

namespace brink::wasi::files {

/// The scratch directory of one instance: the guest's /tmp. It exists from
/// construction to destruction of this object, in the home's directory, and is
/// removed by the process that made it (not by a fork of it). Thread-safe.
class Scratch {
 public:
  static Outcome<std::unique_ptr<Scratch>> create(ScratchHome& home, QuotaLimits limits);
  ~Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  [[nodiscard]] int directory() const noexcept { return directory_.get(); }
  [[nodiscard]] Quota& quota() noexcept { return quota_; }
  /// What is in use now.
  [[nodiscard]] std::uint64_t bytes() const { return quota_.bytes(); }
  [[nodiscard]] std::uint64_t inodes() const { return quota_.inodes(); }

 private:
  Scratch(ScratchHome& home, std::string name, UniqueFd directory, QuotaLimits limits);

  ScratchHome& home_;
  std::string name_;
  UniqueFd directory_;
  pid_t owner_;
  Quota quota_;
};

}  // namespace brink::wasi::files
