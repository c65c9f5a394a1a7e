#include "module/cursor.h"

#include <fmt/format.h>

namespace brink::module {

std::string printable(std::string_view name) {
  constexpr std::size_t kShown = 80;
  std::string shown;
  for (const char c : name.substr(0, kShown)) {
    shown += c >= 0x20 && c < 0x7F ? c : '?';
  }
  if (name.size() > kShown) shown += "...";
  return shown;
}

std::unexpected<Error> fail_at(std::size_t offset, std::string_view what) {
  return fail(ErrorCode::module_invalid, fmt::format("at byte {}: {}", offset, what));
}

Result<std::uint8_t> Cursor::byte() {
  if (at_end()) return fail_at(at_, "unexpected end");
  return static_cast<std::uint8_t>(file_[at_++]);
}

Result<void> Cursor::skip(std::uint64_t count) {
  if (count > remaining()) {
    return fail_at(at_, fmt::format("{} bytes expected, {} left", count, remaining()));
  }
  at_ += static_cast<std::size_t>(count);
  return {};
}

Result<std::uint64_t> Cursor::unsigned_leb(unsigned bits) {
  const std::size_t start = at_;
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < bits; shift += 7) {
    TRY(const std::uint8_t next, byte());
    const unsigned useful = bits - shift;
    if (useful < 7 && (next & 0x7FU) >> useful != 0) break;
    value |= std::uint64_t{next & 0x7FU} << shift;
    if ((next & 0x80U) == 0) return value;
  }
  return fail_at(start, fmt::format("a number does not fit in {} bits", bits));
}

Result<std::int64_t> Cursor::signed_leb(unsigned bits) {
  const std::size_t start = at_;
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < bits; shift += 7) {
    TRY(const std::uint8_t next, byte());
    value |= std::uint64_t{next & 0x7FU} << shift;
    if ((next & 0x80U) != 0) continue;
    const unsigned useful = bits - shift;
    if (useful < 7) {
      // The sign bit and what stands above it must all be the same.
      const unsigned top = (next & 0x7FU) >> (useful - 1);
      if (top != 0 && top != 0x7FU >> (useful - 1)) break;
    }
    const unsigned read = shift + 7;
    if (read < 64 && (next & 0x40U) != 0) value |= ~std::uint64_t{0} << read;
    return static_cast<std::int64_t>(value);
  }
  return fail_at(start, fmt::format("a signed number does not fit in {} bits", bits));
}

Result<std::uint32_t> Cursor::u32() {
  TRY(const std::uint64_t value, unsigned_leb(32));
  return static_cast<std::uint32_t>(value);
}

Result<std::uint64_t> Cursor::u64() { return unsigned_leb(64); }

Result<std::int32_t> Cursor::s32() {
  TRY(const std::int64_t value, signed_leb(32));
  return static_cast<std::int32_t>(value);
}

Result<std::int64_t> Cursor::s33() { return signed_leb(33); }

Result<std::int64_t> Cursor::s64() { return signed_leb(64); }

Result<std::uint32_t> Cursor::count(std::uint32_t most) {
  const std::size_t start = at_;
  TRY(const std::uint32_t value, u32());
  if (value > most)
    return fail_at(start, fmt::format("{} entries; at most {} are read", value, most));
  if (value > remaining()) {
    return fail_at(start, fmt::format("{} entries announced, {} bytes left", value, remaining()));
  }
  return value;
}

Result<std::string_view> Cursor::name() {
  TRY(const std::uint32_t length, count(kLongestName));
  const auto text = file_.subspan(at_, length);
  at_ += length;
  return std::string_view(reinterpret_cast<const char*>(text.data()), text.size());
}

Result<ValueType> Cursor::value_type() {
  const std::size_t start = at_;
  TRY(const std::uint8_t code, byte());
  if (code >= kV128.code && code <= kI32.code) return ValueType{code, 0};
  at_ = start;
  return reference_type();
}

Result<ValueType> Cursor::reference_type() {
  constexpr std::uint8_t kNonNull = 0x64;
  constexpr std::uint8_t kNullable = 0x63;
  constexpr std::uint8_t kFirstShort = 0x69;  // exn; up to 0x74 noexn
  constexpr std::uint8_t kLastShort = 0x74;
  const std::size_t start = at_;
  TRY(const std::uint8_t code, byte());
  if (code == kNonNull || code == kNullable) {
    TRY(const std::int64_t heap, heap_type());
    return ValueType{code, heap};
  }
  if (code >= kFirstShort && code <= kLastShort) return ValueType{code, 0};
  return fail_at(start, fmt::format("unknown type 0x{:02x}", code));
}

}  // namespace brink::module
