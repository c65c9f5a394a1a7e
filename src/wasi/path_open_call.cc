#include <memory>
#include <utility>
#include <variant>

#include "wasi/calls.h"
#include "wasi/file_description.h"
#include "wasi/path_lookup.h"
#include "wasi/path_open.h"

namespace brink::wasi {
namespace {

using u32 = std::uint32_t;

constexpr Rights kWriting = right::fd_write | right::fd_allocate | right::fd_filestat_set_size;

/// What a call asks for, checked as far as possible without looking at files.
struct Request {
  files::OpenOptions options;
  Rights base;
  Rights inheriting;
  std::uint16_t fdflags;
  Rights passed_on;  ///< by the directory: the most that may be granted

  /// Many hosts know no rights, so programs ask for the right to read or write and
  /// then do whatever else a file allows, or list and change a directory that they
  /// opened without asking for anything. What says how the content is opened is
  /// granted as asked, the rest as far as the directory passes it on; a program
  /// that wants a descriptor to be able to do less drops rights explicitly.
  [[nodiscard]] Rights granted() const {
    const Rights content =
        options.write ? right::fd_read | right::fd_write : right::fd_read | kWriting;
    return base | passed_on.without(content);
  }
  [[nodiscard]] Rights granted_inheriting() const {
    return inheriting == Rights() ? passed_on : inheriting;
  }
};

/// The rights that opening with these flags needs on the directory.
Rights needed_for(u32 oflags) {
  Rights needed = right::path_open;
  if (oflags & oflag::creat) needed = needed | right::path_create_file;
  if (oflags & oflag::trunc) needed = needed | right::path_filestat_set_size;
  return needed;
}

Outcome<Request> request_from(const PathOpening& opening) {
  const auto [lookup_flags, oflags, base, inheriting, fdflags, fdflags_ext] = opening;
  if ((oflags & ~u32{oflag::all}) != 0 || (fdflags & ~u32{fdflag::all}) != 0 ||
      (fdflags_ext & ~u32{fdflag_ext::all}) != 0) {
    return failed(Errno::inval);
  }
  // As open(2): nothing but a regular file can be created.
  constexpr u32 kCreateDirectory = oflag::creat | oflag::directory;
  if ((oflags & kCreateDirectory) == kCreateDirectory) return failed(Errno::inval);
  TRY(const files::Follow follow, follow_from(lookup_flags));
  Request request{.options = {},
                  // Bits that mean nothing for any file are asked for by programs
                  // that ask for "everything".
                  .base = Rights(base) & kInheritableRights,
                  .inheriting = Rights(inheriting) & kInheritableRights,
                  .fdflags = static_cast<std::uint16_t>(fdflags),
                  .passed_on = {}};
  files::OpenOptions& options = request.options;
  options.create = (oflags & oflag::creat) != 0;
  options.exclusive = (oflags & oflag::excl) != 0;
  options.truncate = (oflags & oflag::trunc) != 0;
  options.directory = (oflags & oflag::directory) != 0;
  options.write = request.base.any_of(kWriting) || options.truncate;
  options.read = request.base.any_of(right::fd_read | right::fd_readdir) || !options.write;
  options.append = (fdflags & fdflag::append) != 0;
  options.dsync = (fdflags & fdflag::dsync) != 0;
  options.sync = (fdflags & (fdflag::sync | fdflag::rsync)) != 0;
  options.follow = follow;
  return request;
}

/// Makes the descriptor for what was opened, with the rights its kind can have.
struct MakeDescriptor {
  Process& process;
  const Request& request;

  Outcome<Descriptor> operator()(files::OpenFile& file) const {
    return Descriptor{
        std::make_shared<FileDescription>(std::move(file), request.fdflags, process.disk()),
        request.granted() & kFileRights, Rights(), std::nullopt};
  }

  Outcome<Descriptor> operator()(files::Directory& directory) const {
    if (request.base.any_of(right::fd_write)) return failed(Errno::isdir);
    return Descriptor{std::make_shared<DirectoryDescription>(*process.files(), std::move(directory),
                                                             request.fdflags, process.disk()),
                      request.granted() & kDirectoryRights, request.granted_inheriting(),
                      std::nullopt};
  }

  Outcome<Descriptor> operator()(files::Device device) const {
    using files::Device;
    if (device == Device::stdin_ || device == Device::stdout_ || device == Device::stderr_) {
      const auto number = static_cast<unsigned>(device) - static_cast<unsigned>(Device::stdin_);
      return Descriptor{process.standard_stream(number),
                        request.granted() & (number == 0 ? kInputRights : kOutputRights), Rights(),
                        std::nullopt};
    }
    return Descriptor{std::make_shared<DeviceDescription>(device, request.fdflags),
                      request.granted() & kDeviceRights, Rights(), std::nullopt};
  }
};

}  // namespace

Outcome<Descriptor> open_path(Process& process, const Descriptor& at, std::string_view path,
                              const PathOpening& opening) {
  files::Directory* const directory = at.open->directory();
  if (!directory) return failed(Errno::notdir);
  if (!at.base.covers(needed_for(opening.oflags))) return failed(Errno::perm);
  TRY(Request request, request_from(opening));
  request.passed_on = at.inheriting;
  if (!request.passed_on.covers(request.base | request.inheriting)) {
    return failed(Errno::notcapable);
  }
  TRY(files::Opened opened, process.files()->open(*directory, path, request.options));
  TRY(Descriptor descriptor, std::visit(MakeDescriptor{process, request}, opened));
  if ((opening.fdflags_ext & fdflag_ext::cloexec) != 0) {
    descriptor.on_exec = Descriptor::OnExec::closes;
  }
  return descriptor;
}

namespace calls {
namespace {

Outcome<u32> open_at(HostCall& call, u32 fd, u32 path, u32 path_length, const PathOpening& opening,
                     u32 fd_out) {
  Process& process = Process::of(call);
  TRY(const auto at, path_argument(call, fd, needed_for(opening.oflags), path, path_length));
  // Checked before there is an effect: a file that was created or cut stays so.
  TRY_VOID(expect_room(call, fd_out, sizeof(u32)));
  if (process.descriptors().full()) return failed(Errno::mfile);
  TRY(Descriptor descriptor, open_path(process, *at.descriptor, at.path, opening));
  return process.descriptors().add(std::move(descriptor));
}

/// One attempt: opening a large file for writing may take several.
Attempt open(HostCall& call, u32 fd, u32 path, u32 path_length, const PathOpening& opening,
             u32 fd_out) {
  const auto opened = open_at(call, fd, path, path_length, opening, fd_out);
  if (opened) return done(store(call, fd_out, *opened));
  if (opened.error() != Errno::again) return done(opened.error());
  call.wait.yield();
  return Attempt::again();
}

}  // namespace

Attempt path_open(HostCall& call, u32 fd, u32 lookup_flags, u32 path, u32 path_length, u32 oflags,
                  u64 base, u64 inheriting, u32 fdflags, u32 fd_out) {
  return open(call, fd, path, path_length, {lookup_flags, oflags, base, inheriting, fdflags, 0},
              fd_out);
}

Attempt path_open2(HostCall& call, u32 fd, u32 lookup_flags, u32 path, u32 path_length, u32 oflags,
                   u64 base, u64 inheriting, u32 fdflags, u32 fdflags_ext, u32 fd_out) {
  return open(call, fd, path, path_length,
              {lookup_flags, oflags, base, inheriting, fdflags, fdflags_ext}, fd_out);
}

}  // namespace calls
}  // namespace brink::wasi
