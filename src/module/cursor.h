#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "module/types.h"

namespace brink::module {

/// A foreign name as messages show it: at most 80 characters, with whatever is
/// not printable ASCII replaced.
std::string printable(std::string_view name);

/// A module_invalid error that names the place: "at byte 17: …".
std::unexpected<Error> fail_at(std::size_t offset, std::string_view what);

/// Reads numbers, names and types from a part of a module's bytes, and never
/// beyond it. Offsets are those of the whole file. Not owning: the bytes must
/// outlive it. Errors are module_invalid, with the offset of what was read.
class Cursor {
 public:
  Cursor(std::span<const std::byte> file, Range range)
      : file_(file.first(range.end())), at_(range.offset) {}

  [[nodiscard]] std::size_t offset() const { return at_; }
  [[nodiscard]] std::size_t remaining() const { return file_.size() - at_; }
  [[nodiscard]] bool at_end() const { return at_ == file_.size(); }

  /// The next byte, not consumed; nothing at the end.
  [[nodiscard]] int peek() const { return at_end() ? -1 : static_cast<int>(file_[at_]); }

  Result<std::uint8_t> byte();
  Result<void> skip(std::uint64_t count);

  // LEB128 of at most ceil(bits / 7) bytes; unused bits of the last byte must be
  // a zero or sign extension (core specification 5.2.2).
  Result<std::uint32_t> u32();
  Result<std::uint64_t> u64();
  Result<std::int32_t> s32();
  Result<std::int64_t> s33();
  Result<std::int64_t> s64();

  /// The count of a vector whose entries take at least one byte each: never more
  /// than the bytes that remain, nor than `most`, so that it is safe to reserve.
  Result<std::uint32_t> count(std::uint32_t most = kMostItems);

  /// A name of at most kLongestName bytes; a view into the file.
  Result<std::string_view> name();

  Result<ValueType> value_type();
  Result<ValueType> reference_type();
  Result<std::int64_t> heap_type() { return s33(); }

  /// What engines allow, too (the JavaScript API's implementation limits).
  static constexpr std::uint32_t kMostItems = 1'000'000;
  static constexpr std::uint32_t kLongestName = 100'000;

 private:
  Result<std::uint64_t> unsigned_leb(unsigned bits);
  Result<std::int64_t> signed_leb(unsigned bits);

  std::span<const std::byte> file_;
  std::size_t at_;
};

}  // namespace brink::module
