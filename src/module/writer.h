#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "module/instructions.h"
#include "module/types.h"

namespace brink::module {

/// Appends the binary format's elements to bytes of its own, each number in its
/// shortest form. The counterpart of Cursor.
class Writer {
 public:
  void byte(std::uint8_t value) { bytes_.push_back(std::byte{value}); }
  void raw(std::span<const std::byte> bytes) {
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  }
  void unsigned_number(std::uint64_t value);
  void signed_number(std::int64_t value);
  void name(std::string_view text);
  void value_type(ValueType type);

  /// The opcode alone; its immediates follow by the other calls.
  void op(Opcode opcode);
  void op(Opcode opcode, std::uint32_t index) {
    op(opcode);
    unsigned_number(index);
  }

  [[nodiscard]] std::size_t size() const { return bytes_.size(); }
  [[nodiscard]] std::span<const std::byte> view() const { return bytes_; }
  [[nodiscard]] std::vector<std::byte> take() && { return std::move(bytes_); }

 private:
  std::vector<std::byte> bytes_;
};

}  // namespace brink::module
