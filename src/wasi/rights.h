#pragma once

#include <cstdint>

namespace brink::wasi {

/// A set of preview1 rights: which operations a descriptor allows. A plain set
/// of bits; bits beyond those named here are never granted.
///
/// A call without the right fails as POSIX programs expect it: BADF as for a
/// descriptor that is not open for this, PERM where a path was given. NOTCAPABLE is
/// for asking to be granted more than there is.
class Rights {
 public:
  constexpr Rights() = default;
  constexpr explicit Rights(std::uint64_t bits) : bits_(bits) {}

  [[nodiscard]] constexpr std::uint64_t bits() const { return bits_; }
  [[nodiscard]] constexpr bool covers(Rights other) const { return (other.bits_ & ~bits_) == 0; }
  [[nodiscard]] constexpr bool any_of(Rights other) const { return (other.bits_ & bits_) != 0; }
  [[nodiscard]] constexpr Rights without(Rights other) const {
    return Rights(bits_ & ~other.bits_);
  }

  friend constexpr Rights operator|(Rights a, Rights b) { return Rights(a.bits_ | b.bits_); }
  friend constexpr Rights operator&(Rights a, Rights b) { return Rights(a.bits_ & b.bits_); }
  constexpr bool operator==(const Rights&) const = default;

 private:
  std::uint64_t bits_ = 0;
};

/// The rights of the preview1 witx, in its order.
namespace right {
inline constexpr Rights fd_datasync{1ULL << 0};
inline constexpr Rights fd_read{1ULL << 1};
inline constexpr Rights fd_seek{1ULL << 2};
inline constexpr Rights fd_fdstat_set_flags{1ULL << 3};
inline constexpr Rights fd_sync{1ULL << 4};
inline constexpr Rights fd_tell{1ULL << 5};
inline constexpr Rights fd_write{1ULL << 6};
inline constexpr Rights fd_advise{1ULL << 7};
inline constexpr Rights fd_allocate{1ULL << 8};
inline constexpr Rights path_create_directory{1ULL << 9};
inline constexpr Rights path_create_file{1ULL << 10};
inline constexpr Rights path_link_source{1ULL << 11};
inline constexpr Rights path_link_target{1ULL << 12};
inline constexpr Rights path_open{1ULL << 13};
inline constexpr Rights fd_readdir{1ULL << 14};
inline constexpr Rights path_readlink{1ULL << 15};
inline constexpr Rights path_rename_source{1ULL << 16};
inline constexpr Rights path_rename_target{1ULL << 17};
inline constexpr Rights path_filestat_get{1ULL << 18};
inline constexpr Rights path_filestat_set_size{1ULL << 19};
inline constexpr Rights path_filestat_set_times{1ULL << 20};
inline constexpr Rights fd_filestat_get{1ULL << 21};
inline constexpr Rights fd_filestat_set_size{1ULL << 22};
inline constexpr Rights fd_filestat_set_times{1ULL << 23};
inline constexpr Rights path_symlink{1ULL << 24};
inline constexpr Rights path_remove_directory{1ULL << 25};
inline constexpr Rights path_unlink_file{1ULL << 26};
inline constexpr Rights poll_fd_readwrite{1ULL << 27};
inline constexpr Rights sock_shutdown{1ULL << 28};
inline constexpr Rights sock_accept{1ULL << 29};
}  // namespace right

/// What a descriptor of each kind can have at most.
inline constexpr Rights kFileRights = right::fd_datasync | right::fd_read | right::fd_seek |
                                      right::fd_fdstat_set_flags | right::fd_sync | right::fd_tell |
                                      right::fd_write | right::fd_advise | right::fd_allocate |
                                      right::fd_filestat_get | right::fd_filestat_set_size |
                                      right::fd_filestat_set_times | right::poll_fd_readwrite;

inline constexpr Rights kDirectoryRights =
    right::fd_datasync | right::fd_fdstat_set_flags | right::fd_sync |
    right::path_create_directory | right::path_create_file | right::path_link_source |
    right::path_link_target | right::path_open | right::fd_readdir | right::path_readlink |
    right::path_rename_source | right::path_rename_target | right::path_filestat_get |
    right::path_filestat_set_size | right::path_filestat_set_times | right::fd_filestat_get |
    right::fd_filestat_set_times | right::path_symlink | right::path_remove_directory |
    right::path_unlink_file | right::poll_fd_readwrite;

/// Character devices that cannot seek: libc takes a descriptor of this type
/// without SEEK and TELL for a terminal, and then writes its output line by line.
inline constexpr Rights kStreamRights = right::fd_fdstat_set_flags | right::fd_filestat_get |
                                        right::poll_fd_readwrite | right::fd_sync |
                                        right::fd_datasync;
inline constexpr Rights kInputRights = kStreamRights | right::fd_read;
inline constexpr Rights kOutputRights = kStreamRights | right::fd_write;

/// /dev/null and its like. They could seek, but have nowhere to go.
inline constexpr Rights kDeviceRights = kInputRights | kOutputRights;

inline constexpr Rights kSocketRights = right::fd_read | right::fd_write |
                                        right::fd_fdstat_set_flags | right::fd_filestat_get |
                                        right::poll_fd_readwrite | right::sock_shutdown;
inline constexpr Rights kListenerRights = right::fd_fdstat_set_flags | right::fd_filestat_get |
                                          right::poll_fd_readwrite | right::sock_accept;

/// What programs learn from them: a pipe's end is open for one direction.
inline constexpr Rights kPipeReadRights =
    right::fd_fdstat_set_flags | right::fd_filestat_get | right::poll_fd_readwrite | right::fd_read;
inline constexpr Rights kPipeWriteRights = right::fd_fdstat_set_flags | right::fd_filestat_get |
                                           right::poll_fd_readwrite | right::fd_write;
inline constexpr Rights kEventRights = kPipeReadRights | kPipeWriteRights;
inline constexpr Rights kEpollRights =
    right::fd_fdstat_set_flags | right::fd_filestat_get | right::poll_fd_readwrite;

/// What a preopened directory passes on: everything that anything below it,
/// files and directories, can have.
inline constexpr Rights kInheritableRights = kFileRights | kDirectoryRights;

}  // namespace brink::wasi
