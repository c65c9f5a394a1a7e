#include "wasi/file_description.h"

#include "base/result.h"
#include "wasi/iovecs.h"

namespace brink::wasi {
namespace {

// In vain, before a read waits for the disk itself.
constexpr std::uint32_t kMostLoads = 3;
constexpr std::uint16_t kSyncFlags = fdflag::dsync | fdflag::rsync | fdflag::sync;

files::TimeChange change(std::uint16_t which, std::uint16_t given, std::uint16_t now,
                         std::uint64_t value) {
  using Kind = files::TimeChange::Kind;
  if ((which & given) != 0) return {Kind::set, value};
  if ((which & now) != 0) return {Kind::now, 0};
  return {};
}

bool is_again(const Outcome<void>& outcome) { return !outcome && outcome.error() == Errno::again; }

/// Begins `job` with the first attempt, and looks for its result with those after it.
Outcome<void> attempt(DiskJob& jobs, const Disk::Job& job) {
  if (jobs.under_way()) return jobs.result();
  TRY_VOID(jobs.begin(job));
  return std::unexpected(Errno::again);
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

void FileDescription::add_wait(Direction, wasm::WaitSet& wait) noexcept {
  stopped_ == Stopped::for_job ? wait.on_disk() : wait.yield();
}

Outcome<std::uint64_t> FileDescription::read_plainly(std::span<iovec> to,
                                                     std::optional<std::uint64_t> offset) {
  loads_ = 0;
  return offset ? file_.pread(to, *offset) : file_.read(to);
}

/// The part that is in memory; where it stops, a job loads what follows. Memory may be
/// so short that it has gone again when its turn comes: then it is waited for here.
Outcome<std::uint64_t> FileDescription::read_from(std::span<const MutableBytes> buffers,
                                                  std::optional<std::uint64_t> offset) {
  Iovecs iovecs(buffers);
  stopped_ = Stopped::no;
  if (disk_ == nullptr) return read_plainly(iovecs.view(), offset);
  if (load_.under_way()) {
    const auto loaded = load_.result();
    if (is_again(loaded)) {
      stopped_ = Stopped::for_job;
      return std::unexpected(Errno::again);
    }
    // Whatever went wrong, the read itself will meet it.
    if (!loaded && loaded.error() != Errno::notsup) loads_ = kMostLoads;
  }
  const auto got = file_.read_cached(iovecs.view(), offset);
  if (!got && got.error() == Errno::notsup) return read_plainly(iovecs.view(), offset);
  if (!got) return std::unexpected(got.error());
  if (got->missing == 0) {
    loads_ = 0;
    return got->bytes;
  }
  if (got->bytes != 0) loads_ = 0;
  if (loads_ >= kMostLoads) return read_plainly(iovecs.view(), offset);
  ++loads_;
  if (offset) *offset += got->bytes;
  const auto begun = begin_load(offset, got->missing);
  if (!begun && !is_again(begun) && got->bytes == 0) return read_plainly(iovecs.view(), offset);
  stopped_ = begun || is_again(begun) ? Stopped::for_job : Stopped::for_a_moment;
  if (got->bytes == 0) return std::unexpected(Errno::again);
  return got->bytes;
}

Outcome<void> FileDescription::begin_load(std::optional<std::uint64_t> offset,
                                          std::uint64_t length) {
  if (!offset) {
    TRY(offset, file_.seek(0, files::Whence::current));
  }
  return load_.begin({Disk::Work::load, file_.descriptor(), *offset, length});
}

Outcome<std::uint64_t> FileDescription::read(std::span<const MutableBytes> buffers) noexcept {
  return read_from(buffers, std::nullopt);
}

Outcome<std::uint64_t> FileDescription::write(std::span<const ConstBytes> buffers) noexcept {
  return file_.write(Iovecs(buffers).view());
}

Outcome<std::uint64_t> FileDescription::read_at(std::span<const MutableBytes> buffers,
                                                std::uint64_t offset) noexcept {
  return read_from(buffers, offset);
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
  const bool data = kind == SyncKind::data;
  stopped_ = Stopped::no;
  if (disk_ != nullptr) {
    const auto synced = attempt(
        sync_, {data ? Disk::Work::sync_data : Disk::Work::sync_all, file_.descriptor(), 0, 0});
    if (is_again(synced)) stopped_ = Stopped::for_job;
    if (synced || synced.error() != Errno::notsup) return synced;
  }
  return file_.sync(data ? files::SyncWhat::data : files::SyncWhat::all);
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

Outcome<void> DirectoryDescription::sync(SyncKind) noexcept {
  stopped_ = false;
  UniqueFd opened;
  if (!sync_.under_way()) {
    TRY(opened, space_.open_to_sync(directory_));
    if (!opened) return {};
  }
  if (disk_ != nullptr) {
    const auto synced = attempt(sync_, {Disk::Work::sync_all, opened.get(), 0, 0});
    stopped_ = is_again(synced);
    if (synced || synced.error() != Errno::notsup) return synced;
  }
  return space_.sync(directory_);
}

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
