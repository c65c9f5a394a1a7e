#include "wasi/open_description.h"

namespace brink::wasi {
namespace {

constexpr std::unexpected<Errno> refuse(Errno error) { return std::unexpected(error); }

}  // namespace

Outcome<std::uint64_t> OpenDescription::read(std::span<const MutableBytes>) noexcept {
  return refuse(Errno::badf);
}

Outcome<std::uint64_t> OpenDescription::write(std::span<const ConstBytes>) noexcept {
  return refuse(Errno::badf);
}

Outcome<std::uint64_t> OpenDescription::read_at(std::span<const MutableBytes>,
                                                std::uint64_t) noexcept {
  return refuse(Errno::spipe);
}

Outcome<std::uint64_t> OpenDescription::write_at(std::span<const ConstBytes>,
                                                 std::uint64_t) noexcept {
  return refuse(Errno::spipe);
}

Outcome<std::uint64_t> OpenDescription::seek(std::int64_t, Whence) noexcept {
  return refuse(Errno::spipe);
}

Outcome<GuestFilestat> OpenDescription::stat() noexcept {
  GuestFilestat stat{};
  stat.type = type();
  stat.links = 1;
  return stat;
}

Outcome<void> OpenDescription::set_size(std::uint64_t) noexcept { return refuse(Errno::inval); }

Outcome<void> OpenDescription::set_times(const Times&) noexcept { return refuse(Errno::inval); }

Outcome<void> OpenDescription::allocate(std::uint64_t, std::uint64_t) noexcept {
  return refuse(Errno::spipe);
}

Outcome<void> OpenDescription::advise(std::uint64_t, std::uint64_t, std::uint8_t) noexcept {
  return refuse(Errno::spipe);
}

Outcome<void> OpenDescription::sync(SyncKind) noexcept { return refuse(Errno::inval); }

}  // namespace brink::wasi
