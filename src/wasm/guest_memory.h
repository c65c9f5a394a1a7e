#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <type_traits>

namespace brink::wasm {

/// The bounds-checked view of one guest's linear memory during one host call.
///
/// Guest addresses are u32 and any of them may be wild: every access is checked
/// in 64-bit arithmetic against a size that the memory is known to have, and only then
/// against the one that it has by now (it may grow, it never shrinks). Accesses copy, since other
/// guest threads may write at any time; unaligned addresses are legal. A view returned by bytes()
/// must not be kept across a guest call or a wait.
class GuestMemory {
 public:
  /// Tells how many bytes there are by now: asked for what lies beyond those known.
  class Growth {
   public:
    [[nodiscard]] virtual std::uint64_t size() const noexcept = 0;

   protected:
    ~Growth() = default;
  };

  GuestMemory() = default;
  /// `memory` is what is known; `growth` outlives this, none: there is no more.
  explicit GuestMemory(std::span<std::byte> memory, const Growth* growth = nullptr)
      : memory_(memory), growth_(growth) {}

  /// `length` bytes at `address`, or nothing when they do not all exist.
  [[nodiscard]] std::optional<std::span<std::byte>> bytes(std::uint32_t address,
                                                          std::uint64_t length) const {
    if (!fits(address, length, memory_.size()) && !fits(address, length, size())) {
      return std::nullopt;
    }
    return std::span(memory_.data() + address, length);
  }

  /// Copies a trivially copyable value out; nothing when out of bounds.
  template <class T>
    requires std::is_trivially_copyable_v<T>
  [[nodiscard]] std::optional<T> load(std::uint32_t address) const {
    const auto source = bytes(address, sizeof(T));
    if (!source) return std::nullopt;
    T value;
    std::memcpy(&value, source->data(), sizeof(T));
    return value;
  }

  /// Copies a value in; false when out of bounds, and then nothing is written.
  template <class T>
    requires std::is_trivially_copyable_v<T>
  [[nodiscard]] bool store(std::uint32_t address, const T& value) const {
    const auto target = bytes(address, sizeof(T));
    if (!target) return false;
    std::memcpy(target->data(), &value, sizeof(T));
    return true;
  }

  [[nodiscard]] std::uint64_t size() const {
    return growth_ != nullptr ? growth_->size() : memory_.size();
  }

 private:
  static constexpr bool fits(std::uint32_t address, std::uint64_t length, std::uint64_t size) {
    return length <= size && address + length <= size;
  }

  std::span<std::byte> memory_;
  const Growth* growth_ = nullptr;
};

}  // namespace brink::wasm
