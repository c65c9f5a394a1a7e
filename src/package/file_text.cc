#include "package/file_text.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/unique_fd.h"

namespace brink::package {

Result<std::string> read_file_text(const std::filesystem::path& path, std::size_t most) {
  const auto failed = [&] {
    const int number = errno;
    return std::unexpected(
        errno_error(number == ENOENT ? ErrorCode::file_not_found : ErrorCode::file_unreadable,
                    path.string(), number));
  };
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!fd) return failed();
  struct stat status{};
  if (::fstat(fd.get(), &status) != 0) return failed();
  if (!S_ISREG(status.st_mode)) {
    return fail(ErrorCode::file_unreadable, fmt::format("{} is not a regular file", path.string()),
                "put a file there");
  }
  // One byte more than expected tells the end; a file that grows meanwhile is read
  // on, up to one byte more than allowed.
  std::string text(std::min(most, static_cast<std::size_t>(status.st_size)) + 1, '\0');
  std::size_t size = 0;
  for (;;) {
    if (size == text.size()) {
      if (size > most) break;
      text.resize(std::min(most + 1, 2 * size));
    }
    const ssize_t got = ::read(fd.get(), text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed();
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  if (size > most) {
    return fail(ErrorCode::file_unreadable,
                fmt::format("{} is larger than {} bytes", path.string(), most), "make it smaller");
  }
  text.resize(size);
  return text;
}

}  // namespace brink::package
