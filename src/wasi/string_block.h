#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace brink::wasi {

/// A list of strings in the shape WASI hands out arguments and environment: all
/// strings one after the other, each with its terminating NUL. Reusable: clear()
/// keeps the memory.
class StringBlock {
 public:
  /// Appends one string. Bytes from a NUL on are left out: the guest could not
  /// see them.
  void add(std::string_view text) {
    bytes_.append(text.substr(0, text.find('\0')));
    bytes_.push_back('\0');
    ++count_;
  }

  /// Appends "name=value".
  void add(std::string_view name, std::string_view value) {
    bytes_.append(name);
    bytes_.push_back('=');
    bytes_.append(value.substr(0, value.find('\0')));
    bytes_.push_back('\0');
    ++count_;
  }

  void clear() {
    bytes_.clear();
    count_ = 0;
  }

  [[nodiscard]] std::uint32_t count() const { return count_; }
  /// All strings with their NULs.
  [[nodiscard]] std::string_view bytes() const { return bytes_; }

 private:
  std::string bytes_;
  std::uint32_t count_ = 0;
};

}  // namespace brink::wasi
