#pragma once

#include <utility>

#include "wasi/disk.h"
#include "wasi/files/directory.h"
#include "wasi/files/file_space.h"
#include "wasi/files/open_file.h"
#include "wasi/open_description.h"

namespace brink::wasi {

/// An open regular file as a descriptor. With a Disk, no call of it waits for one: what
/// is not in memory is loaded by a job, and the read attempted again.
class FileDescription final : public OpenDescription {
 public:
  /// `disk` is not owned; null: calls may wait for a disk themselves.
  FileDescription(files::OpenFile file, std::uint16_t flags, Disk* disk)
      : file_(std::move(file)), flags_(flags), disk_(disk), load_(disk), sync_(disk) {}

  [[nodiscard]] FileType type() const noexcept override { return FileType::regular_file; }
  [[nodiscard]] std::uint16_t flags() const noexcept override { return flags_; }
  /// NOTSUP for a change of dsync, rsync or sync, which the kernel can't make.
  Outcome<void> set_flags(std::uint16_t flags) noexcept override;
  Outcome<std::uint64_t> read(std::span<const MutableBytes> buffers) noexcept override;
  Outcome<std::uint64_t> write(std::span<const ConstBytes> buffers) noexcept override;
  Outcome<std::uint64_t> read_at(std::span<const MutableBytes> buffers,
                                 std::uint64_t offset) noexcept override;
  Outcome<std::uint64_t> write_at(std::span<const ConstBytes> buffers,
                                  std::uint64_t offset) noexcept override;
  Outcome<std::uint64_t> seek(std::int64_t delta, Whence whence) noexcept override;
  Outcome<Readiness> readiness(Direction direction) noexcept override;
  void add_wait(Direction, wasm::WaitSet& wait) noexcept override;
  [[nodiscard]] bool stopped_for_disk() const noexcept override { return stopped_ != Stopped::no; }
  Outcome<GuestFilestat> stat() noexcept override;
  Outcome<void> set_size(std::uint64_t size) noexcept override;
  Outcome<void> set_times(const Times& times) noexcept override;
  Outcome<void> allocate(std::uint64_t offset, std::uint64_t length) noexcept override;
  Outcome<void> advise(std::uint64_t offset, std::uint64_t length,
                       std::uint8_t advice) noexcept override;
  Outcome<void> sync(SyncKind kind) noexcept override;
  /// For reading and polling only: what is written has to be counted.
  [[nodiscard]] int kernel_descriptor() const noexcept override { return file_.descriptor(); }
  [[nodiscard]] std::optional<PortableDescription> portable() const override;

 private:
  enum class Stopped : std::uint8_t {
    no,
    for_job,       ///< it awaits the disk's answer
    for_a_moment,  ///< nobody does jobs: the next attempt will wait here
  };

  Outcome<std::uint64_t> read_plainly(std::span<iovec> to, std::optional<std::uint64_t> offset);
  Outcome<std::uint64_t> read_from(std::span<const MutableBytes> buffers,
                                   std::optional<std::uint64_t> offset);
  Outcome<void> begin_load(std::optional<std::uint64_t> offset, std::uint64_t length);

  files::OpenFile file_;
  std::uint16_t flags_;
  Disk* disk_;
  DiskJob load_;
  DiskJob sync_;
  Stopped stopped_ = Stopped::no;
  std::uint32_t loads_ = 0;  ///< after the last of which nothing could be read
};

/// An open directory as a descriptor.
class DirectoryDescription final : public OpenDescription {
 public:
  /// `space` made `directory` and outlives this.
  DirectoryDescription(files::FileSpace& space, files::Directory directory, std::uint16_t flags,
                       Disk* disk)
      : space_(space), directory_(std::move(directory)), flags_(flags), disk_(disk), sync_(disk) {}

  [[nodiscard]] FileType type() const noexcept override { return FileType::directory; }
  [[nodiscard]] std::uint16_t flags() const noexcept override { return flags_; }
  Outcome<void> set_flags(std::uint16_t flags) noexcept override;
  Outcome<std::uint64_t> read(std::span<const MutableBytes> buffers) noexcept override;
  Outcome<std::uint64_t> write(std::span<const ConstBytes> buffers) noexcept override;
  Outcome<Readiness> readiness(Direction direction) noexcept override;
  void add_wait(Direction, wasm::WaitSet& wait) noexcept override {
    stopped_ ? wait.on_disk() : wait.yield();
  }
  [[nodiscard]] bool stopped_for_disk() const noexcept override { return stopped_; }
  Outcome<GuestFilestat> stat() noexcept override;
  Outcome<void> set_times(const Times& times) noexcept override;
  Outcome<void> sync(SyncKind kind) noexcept override;
  [[nodiscard]] std::optional<PortableDescription> portable() const override;
  files::Directory* directory() noexcept override { return &directory_; }

 private:
  files::FileSpace& space_;
  files::Directory directory_;
  std::uint16_t flags_;
  Disk* disk_;
  DiskJob sync_;
  bool stopped_ = false;
};

/// One of /dev/null, /dev/zero, /dev/random and /dev/urandom as a descriptor.
class DeviceDescription final : public OpenDescription {
 public:
  DeviceDescription(files::Device device, std::uint16_t flags) : device_(device), flags_(flags) {}

  [[nodiscard]] FileType type() const noexcept override { return FileType::character_device; }
  [[nodiscard]] std::uint16_t flags() const noexcept override { return flags_; }
  Outcome<void> set_flags(std::uint16_t flags) noexcept override;
  Outcome<std::uint64_t> read(std::span<const MutableBytes> buffers) noexcept override;
  Outcome<std::uint64_t> write(std::span<const ConstBytes> buffers) noexcept override;
  Outcome<std::uint64_t> read_at(std::span<const MutableBytes> buffers,
                                 std::uint64_t offset) noexcept override;
  Outcome<std::uint64_t> write_at(std::span<const ConstBytes> buffers,
                                  std::uint64_t offset) noexcept override;
  /// Always 0, as Linux's memory devices.
  Outcome<std::uint64_t> seek(std::int64_t delta, Whence whence) noexcept override;
  Outcome<Readiness> readiness(Direction direction) noexcept override;
  void add_wait(Direction, wasm::WaitSet& wait) noexcept override { wait.yield(); }
  [[nodiscard]] std::optional<PortableDescription> portable() const override;

 private:
  files::Device device_;
  std::uint16_t flags_;
};

GuestFilestat to_guest(const files::Filestat& stat) noexcept;
files::Times to_files(const OpenDescription::Times& times) noexcept;

}  // namespace brink::wasi
