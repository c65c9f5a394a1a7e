#include "wasi/errno.h"

#include <algorithm>
#include <array>
#include <cerrno>

namespace brink::wasi {
namespace {

struct Row {
  int host;
  Errno guest;
};

constexpr auto kRows = [] {
  std::array rows = {
      Row{E2BIG, Errno::toobig},
      Row{EACCES, Errno::acces},
      Row{EADDRINUSE, Errno::addrinuse},
      Row{EADDRNOTAVAIL, Errno::addrnotavail},
      Row{EAFNOSUPPORT, Errno::afnosupport},
      Row{EAGAIN, Errno::again},
      Row{EALREADY, Errno::already},
      Row{EBADF, Errno::badf},
      Row{EBADMSG, Errno::badmsg},
      Row{EBUSY, Errno::busy},
      Row{ECANCELED, Errno::canceled},
      Row{ECHILD, Errno::child},
      Row{ECONNABORTED, Errno::connaborted},
      Row{ECONNREFUSED, Errno::connrefused},
      Row{ECONNRESET, Errno::connreset},
      Row{EDEADLK, Errno::deadlk},
      Row{EDESTADDRREQ, Errno::destaddrreq},
      Row{EDOM, Errno::dom},
      Row{EDQUOT, Errno::dquot},
      Row{EEXIST, Errno::exist},
      Row{EFAULT, Errno::fault},
      Row{EFBIG, Errno::fbig},
      Row{EHOSTUNREACH, Errno::hostunreach},
      Row{EIDRM, Errno::idrm},
      Row{EILSEQ, Errno::ilseq},
      Row{EINPROGRESS, Errno::inprogress},
      Row{EINTR, Errno::intr},
      Row{EINVAL, Errno::inval},
      Row{EIO, Errno::io},
      Row{EISCONN, Errno::isconn},
      Row{EISDIR, Errno::isdir},
      Row{ELOOP, Errno::loop},
      Row{EMFILE, Errno::mfile},
      Row{EMLINK, Errno::mlink},
      Row{EMSGSIZE, Errno::msgsize},
      Row{EMULTIHOP, Errno::multihop},
      Row{ENAMETOOLONG, Errno::nametoolong},
      Row{ENETDOWN, Errno::netdown},
      Row{ENETRESET, Errno::netreset},
      Row{ENETUNREACH, Errno::netunreach},
      Row{ENFILE, Errno::nfile},
      Row{ENOBUFS, Errno::nobufs},
      Row{ENODEV, Errno::nodev},
      Row{ENOENT, Errno::noent},
      Row{ENOEXEC, Errno::noexec},
      Row{ENOLCK, Errno::nolck},
      Row{ENOLINK, Errno::nolink},
      Row{ENOMEM, Errno::nomem},
      Row{ENOMSG, Errno::nomsg},
      Row{ENOPROTOOPT, Errno::noprotoopt},
      Row{ENOSPC, Errno::nospc},
      Row{ENOSYS, Errno::nosys},
      Row{ENOTCONN, Errno::notconn},
      Row{ENOTDIR, Errno::notdir},
      Row{ENOTEMPTY, Errno::notempty},
      Row{ENOTRECOVERABLE, Errno::notrecoverable},
      Row{ENOTSOCK, Errno::notsock},
      Row{ENOTSUP, Errno::notsup},
      Row{ENOTTY, Errno::notty},
      Row{ENXIO, Errno::nxio},
      Row{EOVERFLOW, Errno::overflow},
      Row{EOWNERDEAD, Errno::ownerdead},
      Row{EPERM, Errno::perm},
      Row{EPIPE, Errno::pipe},
      Row{EPROTO, Errno::proto},
      Row{EPROTONOSUPPORT, Errno::protonosupport},
      Row{EPROTOTYPE, Errno::prototype},
      Row{ERANGE, Errno::range},
      Row{EROFS, Errno::rofs},
      Row{ESPIPE, Errno::spipe},
      Row{ESRCH, Errno::srch},
      Row{ESTALE, Errno::stale},
      Row{ETIMEDOUT, Errno::timedout},
      Row{ETXTBSY, Errno::txtbsy},
      Row{EXDEV, Errno::xdev},
  };
  std::ranges::sort(rows, {}, &Row::host);
  return rows;
}();
static_assert(std::ranges::adjacent_find(kRows, {}, &Row::host) == kRows.end());

}  // namespace

Errno from_host(int host_errno) noexcept {
  const auto row = std::ranges::lower_bound(kRows, host_errno, {}, &Row::host);
  if (row == kRows.end() || row->host != host_errno) return Errno::io;
  return row->guest;
}

}  // namespace brink::wasi
