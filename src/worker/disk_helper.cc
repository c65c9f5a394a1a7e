#include "worker/disk_helper.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>

#include "net/fd_passing.h"
#include "sandbox/landlock.h"
#include "sandbox/process.h"
#include "sandbox/seccomp.h"
#include "worker/disk_protocol.h"

namespace brink::worker {
namespace {

constexpr int kSocket = 3;
constexpr std::size_t kPiece = std::size_t{64} << 10;

/// Reads the range and drops what it reads: it is in the page cache then.
int load(int fd, std::uint64_t offset, std::uint64_t length) {
  std::array<std::byte, kPiece> sink;
  // The kernel reads all of it at once; the loop only waits for it.
  ::readahead(fd, static_cast<off_t>(offset), length);
  while (length != 0) {
    const std::size_t size = std::min<std::uint64_t>(length, sink.size());
    const ssize_t got = ::pread(fd, sink.data(), size, static_cast<off_t>(offset));
    if (got < 0) return errno;
    if (got == 0) return 0;
    offset += static_cast<std::uint64_t>(got);
    length -= static_cast<std::uint64_t>(got);
  }
  return 0;
}

int do_job(int fd, const DiskRequest& job) {
  switch (static_cast<wasi::Disk::Work>(job.work)) {
    case wasi::Disk::Work::load:
      return load(fd, job.offset, job.length);
    case wasi::Disk::Work::sync_data:
      return ::fdatasync(fd) == 0 ? 0 : errno;
    case wasi::Disk::Work::sync_all:
      return ::fsync(fd) == 0 ? 0 : errno;
  }
  return EINVAL;
}

bool wait_for(int socket, short events) {
  pollfd entry{.fd = socket, .events = events, .revents = 0};
  return ::poll(&entry, 1, -1) >= 0 || errno == EINTR;
}

bool answer(int socket, const DiskAnswer& answer) {
  const auto packet = std::as_bytes(std::span(&answer, 1));
  for (;;) {
    const auto sent = net::send_with_fds(socket, packet, {});
    if (!sent || *sent == net::Transfer::closed) return false;
    if (*sent == net::Transfer::done) return true;
    if (!wait_for(socket, POLLOUT)) return false;
  }
}

Result<void> lock_down(const sandbox::Identity& identity) {
  TRY_VOID(sandbox::drop_privileges(identity));
  TRY(const sandbox::LandlockReport report, sandbox::apply_landlock({}));
  (void)report;
  return sandbox::apply_seccomp({.role = sandbox::FilterRole::disk});
}

}  // namespace

Result<UniqueFd> start_disk_helper(const sandbox::Identity& identity) {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return std::unexpected(errno_error(ErrorCode::resource_exhausted, "socketpair", errno));
  }
  UniqueFd ours(ends[0]);
  const UniqueFd theirs(ends[1]);
  sandbox::SpawnOptions options;
  options.arguments = {"brink", std::string(kDiskHelperArgument), std::to_string(identity.uid),
                       std::to_string(identity.gid)};
  options.descriptors = {theirs.get()};
  TRY(const sandbox::Child child, sandbox::spawn(options));
  // It ends with our end of the socket; nobody has to look after it.
  (void)child;
  return ours;
}

void do_disk_jobs(int socket) {
  for (;;) {
    DiskRequest job{};
    const auto received = net::receive_with_fds(socket, std::as_writable_bytes(std::span(&job, 1)));
    if (!received || received->transfer == net::Transfer::closed) return;
    if (received->transfer == net::Transfer::would_block) {
      if (!wait_for(socket, POLLIN)) return;
      continue;
    }
    if (received->size != sizeof(job) || received->fds.size() != 1) return;
    if (!answer(socket, {job.ticket, do_job(received->fds[0].get(), job)})) return;
  }
}

int run_disk_helper(const sandbox::Identity& identity) {
  ::prctl(PR_SET_NAME, "brink-disk");
  if (!lock_down(identity)) return 1;
  do_disk_jobs(kSocket);
  return 0;
}

}  // namespace brink::worker
