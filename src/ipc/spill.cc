#include "ipc/spill.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "ipc/channel.h"

namespace brink::ipc {
namespace {

constexpr std::string_view kSpillPacket = R"({"kind":"in_memory"})";
constexpr int kSeals = F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW;

Error too_long(std::uint64_t size) {
  return {ErrorCode::resource_exhausted,
          "a message of " + to_string(ByteSize(size)) + " between processes",
          "at most " + to_string(ByteSize(kMaxMessage)) + " can be sent; deploy fewer apps"};
}

}  // namespace

Result<Spill> spill_to_memory(std::string_view text) {
  if (text.size() > kMaxMessage) return std::unexpected(too_long(text.size()));
  UniqueFd memory(::memfd_create("brink-message", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!memory) return std::unexpected(errno_error(ErrorCode::io_error, "memfd_create", errno));
  for (std::size_t done = 0; done < text.size();) {
    const ssize_t n = ::write(memory.get(), text.data() + done, text.size() - done);
    if (n < 0) return std::unexpected(errno_error(ErrorCode::io_error, "write a message", errno));
    done += static_cast<std::size_t>(n);
  }
  if (::fcntl(memory.get(), F_ADD_SEALS, kSeals) != 0) {
    return std::unexpected(errno_error(ErrorCode::io_error, "seal a message", errno));
  }
  return Spill{std::string(kSpillPacket), std::move(memory)};
}

bool is_spill(std::string_view packet) noexcept { return packet == kSpillPacket; }

Result<std::string> read_spill(int memory) {
  const int seals = ::fcntl(memory, F_GET_SEALS);
  if (seals < 0 || (seals & kSeals) != kSeals) {
    return fail(ErrorCode::bad_request, "a long message is not in a sealed memory file");
  }
  struct stat info{};
  if (::fstat(memory, &info) != 0) {
    return std::unexpected(errno_error(ErrorCode::io_error, "fstat", errno));
  }
  const auto size = static_cast<std::uint64_t>(info.st_size);
  if (size > kMaxMessage) return std::unexpected(too_long(size));
  std::string text(size, '\0');
  for (std::size_t done = 0; done < size;) {
    const ssize_t n = ::pread(memory, text.data() + done, size - done, static_cast<off_t>(done));
    if (n <= 0) return std::unexpected(errno_error(ErrorCode::io_error, "read a message", errno));
    done += static_cast<std::size_t>(n);
  }
  return text;
}

}  // namespace brink::ipc
