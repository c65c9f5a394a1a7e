#include "wasi/file_description.h"

#include "base/result.h"
#include "wasi/iovecs.h"

namespace brink::wasi {
namespace {

constexpr std::uint16_t kSyncFlags = fdflag::dsync | fdflag::rsync | fdflag::sync;

files::TimeChange change(std::uint16_t which, std::uint16_t given, std::uint16_t now,
                         std::uint64_t value) {
  using Kind = files::TimeChange::Kind;
  if ((which & given) != 0) return {Kind::set, value};
  if ((which & now) != 0) return {Kind::now, 0};
  return {};
}

}  // namespace

GuestFilestat to_guest(const files::Filestat& stat) noexcept {
  GuestFilestat guest{};
  guest.device = stat.dev;
  guest.inode = stat.ino;
  guest.type = stat.type;
  guest.links = stat.nlink;
  guest.size = stat.size;
  guest.accessed = stat.atim;
  guest.modified = stat.mtim;
  guest.changed = stat.ctim;
  return guest;
}

files::Times to_files(const OpenDescription::Times& times) noexcept {
  return {.access = change(times.which, fstflag::atim, fstflag::atim_now, times.accessed),
          .modification = change(times.which, fstflag::mtim, fstflag::mtim_now, times.modified)};
}

Outcome<void> FileDescription::set_flags(std::uint16_t flags) noexcept {
  if (((flags ^ flags_) & kSyncFlags) != 0) return std::unexpected(Errno::notsup);
  const bool append = (flags & fdflag::append) != 0;
  file_.set_append(append ? files::Append::on : files::Append::off);
  flags_ = flags;
  return {};
}

Outcome<std::uint64_t> FileDescription::read(std::span<const MutableBytes> buffers) noexcept {
  return file_.read(Iovecs(buffers).view());
}

Outcome<std::uint64_t> FileDescription::write(std::span<const ConstBytes> buffers) noexcept {
  return file_.write(Iovecs(buffers).view());
}

Outcome<std::uint64_t> FileDescription::read_at(std::span<const MutableBytes> buffers,
                                                std::uint64_t offset) noexcept {
  return file_.pread(Iovecs(buffers).view(), offset);
}

Outcome<std::uint64_t> FileDescription::write_at(std::span<const ConstBytes> buffers,
                                                 std::uint64_t offset) noexcept {
  return file_.pwrite(Iovecs(buffers).view(), offset);
}

Outcome<std::uint64_t> FileDescription::seek(std::int64_t delta, Whence whence) noexcept {
  return file_.seek(delta, static_cast<files::Whence>(whence));
}

Outcome<Readiness> FileDescription::readiness(Direction direction) noexcept {
  Readiness ready{.state = Readiness::State::ready};
  if (direction == Direction::read) {
    const auto stat = file_.stat();
    const auto offset = file_.seek(0, files::Whence::current);
    if (stat && offset && stat->size > *offset) ready.bytes = stat->size - *offset;
  }
  return ready;
}

Outcome<GuestFilestat> FileDescription::stat() noexcept {
  TRY(const files::Filestat stat, file_.stat());
  return to_guest(stat);
}

Outcome<void> FileDescription::set_size(std::uint64_t size) noexcept {
  return file_.truncate(size);
}

Outcome<void> FileDescription::set_times(const Times& times) noexcept {
  return file_.set_times(to_files(times));
}

Outcome<void> FileDescription::allocate(std::uint64_t offset, std::uint64_t length) noexcept {
  return file_.allocate(offset, length);
}

Outcome<void> FileDescription::advise(std::uint64_t offset, std::uint64_t length,
                                      std::uint8_t advice) noexcept {
  return file_.advise(offset, length, static_cast<files::Advice>(advice));
}

Outcome<void> FileDescription::sync(SyncKind kind) noexcept {
  return file_.sync(kind == SyncKind::data ? files::SyncWhat::data : files::SyncWhat::all);
}

std::optional<PortableDescription> FileDescription::portable() const {
  std::uint32_t bits = 0;
  if (file_.access() == files::Access::read_write) bits |= file_bit::writable_place;
  if (file_.counted() == files::Counted::yes) bits |= file_bit::counted;
  return PortableDescription{.kind = PortableDescription::Kind::file,
                             .flags = flags_,
                             .detail = bits,
                             .descriptor = file_.descriptor()};
}

Outcome<void> DirectoryDescription::set_flags(std::uint16_t flags) noexcept {
  flags_ = flags;
  return {};
}

Outcome<std::uint64_t> DirectoryDescription::read(std::span<const MutableBytes>) noexcept {
  return std::unexpected(Errno::isdir);
}

Outcome<std::uint64_t> DirectoryDescription::write(std::span<const ConstBytes>) noexcept {
  return std::unexpected(Errno::isdir);
}

Outcome<Readiness> DirectoryDescription::readiness(Direction) noexcept {
  return Readiness{.state = Readiness::State::ready};
}

Outcome<GuestFilestat> DirectoryDescription::stat() noexcept {
  TRY(const files::Filestat stat, space_.stat(directory_));
  return to_guest(stat);
}

Outcome<void> DirectoryDescription::set_times(const Times& times) noexcept {
  return space_.set_times(directory_, to_files(times));
}

Outcome<void> DirectoryDescription::sync(SyncKind) noexcept { return space_.sync(directory_); }

std::optional<PortableDescription> DirectoryDescription::portable() const {
  return PortableDescription{.kind = PortableDescription::Kind::directory,
                             .flags = flags_,
                             .path = std::string(directory_.path())};
}

Outcome<void> DeviceDescription::set_flags(std::uint16_t flags) noexcept {
  flags_ = flags;
  return {};
}

Outcome<std::uint64_t> DeviceDescription::read(std::span<const MutableBytes> buffers) noexcept {
  return files::read_device(device_, Iovecs(buffers).view());
}

Outcome<std::uint64_t> DeviceDescription::write(std::span<const ConstBytes> buffers) noexcept {
  return files::write_device(device_, Iovecs(buffers).view());
}

Outcome<std::uint64_t> DeviceDescription::read_at(std::span<const MutableBytes> buffers,
                                                  std::uint64_t) noexcept {
  return read(buffers);
}

Outcome<std::uint64_t> DeviceDescription::write_at(std::span<const ConstBytes> buffers,
                                                   std::uint64_t) noexcept {
  return write(buffers);
}

std::optional<PortableDescription> DeviceDescription::portable() const {
  return PortableDescription{.kind = PortableDescription::Kind::device,
                             .flags = flags_,
                             .detail = static_cast<std::uint32_t>(device_)};
}

Outcome<std::uint64_t> DeviceDescription::seek(std::int64_t, Whence) noexcept { return 0; }

Outcome<Readiness> DeviceDescription::readiness(Direction) noexcept {
  return Readiness{.state = Readiness::State::ready};
}

}  // namespace brink::wasi
