#include "wasi/stream_description.h"

namespace brink::wasi {

Outcome<void> InputDescription::set_flags(std::uint16_t flags) noexcept {
  flags_ = flags;
  return {};
}

Outcome<std::uint64_t> InputDescription::read(std::span<const MutableBytes> buffers) noexcept {
  auto got = stream_.try_read(buffers);
  if (!got && got.error() == Errno::again) ++times_blocked_;
  return got;
}

Outcome<Readiness> InputDescription::readiness(Direction direction) noexcept {
  if (direction == Direction::write) return std::unexpected(Errno::badf);
  return stream_.available();
}

void InputDescription::add_wait(Direction direction, wasm::WaitSet& wait) noexcept {
  if (direction == Direction::read) stream_.add_wait(wait);
}

std::optional<PortableDescription> InputDescription::portable() const {
  return PortableDescription{.kind = PortableDescription::Kind::standard_stream, .flags = flags_};
}

Outcome<void> OutputDescription::set_flags(std::uint16_t flags) noexcept {
  flags_ = flags;
  return {};
}

Outcome<std::uint64_t> OutputDescription::write(std::span<const ConstBytes> buffers) noexcept {
  auto taken = stream_.try_write(buffers);
  if (!taken && taken.error() == Errno::again) ++times_blocked_;
  return taken;
}

Outcome<Readiness> OutputDescription::readiness(Direction direction) noexcept {
  if (direction == Direction::read) return std::unexpected(Errno::badf);
  return stream_.room();
}

void OutputDescription::add_wait(Direction direction, wasm::WaitSet& wait) noexcept {
  if (direction == Direction::write) stream_.add_wait(wait);
}

std::optional<PortableDescription> OutputDescription::portable() const {
  return PortableDescription{
      .kind = PortableDescription::Kind::standard_stream, .flags = flags_, .detail = number_};
}

}  // namespace brink::wasi
