#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/unique_fd.h"
#include "wasi/errno.h"

namespace brink::wasi {

class DescriptorTable;
class Process;

/// An open description as another process of the same guest family takes it over:
/// what exec and spawn pass on. The kernel's part (the offset, the bytes in a pipe)
/// is shared as after fork(2); what this side keeps in its own memory is copied.
struct PortableDescription {
  enum class Kind : std::uint8_t {
    standard_stream,  ///< `detail` is 0 to 2: the receiver's own stream of that number
    file,             ///< `detail` holds file_bit:: bits
    directory,        ///< `path`, opened anew; no descriptor
    device,           ///< `detail` is the files::Device; no descriptor
    pipe_read,
    pipe_write,
    event,   ///< an eventfd
    socket,  ///< `detail` and `path` are the socket's business
  };
  static constexpr auto kLastKind = Kind::socket;

  Kind kind = Kind::standard_stream;
  std::uint16_t flags = 0;  ///< fdflag bits
  std::uint32_t detail = 0;
  std::string path = {};  ///< absolute in the guest's files, at most kMaxPath bytes
  /// The sender's kernel descriptor, not owned; below 0: it has none. On the
  /// receiving side only that counts: whether there is one.
  int descriptor = -1;

  static constexpr std::size_t kMaxPath = 4096;
};

namespace file_bit {
inline constexpr std::uint32_t writable_place = 1;  ///< files::Access::read_write
inline constexpr std::uint32_t counted = 2;         ///< by the quota of the scratch directory
inline constexpr std::uint32_t all = 3;
}  // namespace file_bit

/// One number of a table, see Descriptor.
struct PortableDescriptor {
  std::uint32_t number = 0;
  std::uint32_t description = 0;  ///< index of what it refers to; duplicates share one
  std::uint64_t base = 0;         ///< Rights
  std::uint64_t inheriting = 0;
  /// The name of a preopened directory: empty for all other descriptors.
  std::string preopen;
};

/// A guest's descriptors without those that close on exec.
struct PortableTable {
  std::vector<PortableDescription> descriptions;
  std::vector<PortableDescriptor> descriptors;  ///< by number, rising
};

/// What a new program takes over from `table`. Left out: what closes on exec, and
/// epoll sets, which do not leave their process. `table` must stay as it is until
/// the kernel descriptors are sent: the descriptions with one, in their order.
[[nodiscard]] PortableTable pack(const DescriptorTable& table);

/// Replaces all descriptors of `process`, which has just been made, by `packed`.
/// `received` are the kernel descriptors of those descriptions that have one, in
/// their order. Directories that are gone are left out, as is whatever else can't
/// be had any more. INVAL, with the table as it was, for something that pack()
/// can't have made.
Outcome<void> unpack(Process& process, const PortableTable& packed, std::vector<UniqueFd> received);

}  // namespace brink::wasi
