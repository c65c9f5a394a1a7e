#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>

namespace brink::net {

/// Received bytes that nobody has consumed yet: a queue of bytes in one piece of
/// memory. Allocates at the first prepare(); release() gives the memory back.
class Buffer {
 public:
  /// Room for at least `wanted` bytes behind the content; may move the content.
  [[nodiscard]] std::span<char> prepare(std::size_t wanted) {
    if (capacity_ - end_ < wanted) make_room(wanted);
    return {data_.get() + end_, capacity_ - end_};
  }
  /// `count` bytes have been written to what prepare() returned.
  void commit(std::size_t count) { end_ += count; }

  [[nodiscard]] std::string_view view() const { return {data_.get() + begin_, end_ - begin_}; }
  [[nodiscard]] std::size_t size() const { return end_ - begin_; }
  [[nodiscard]] bool empty() const { return begin_ == end_; }

  void consume(std::size_t count) {
    begin_ += count;
    if (begin_ == end_) begin_ = end_ = 0;
  }

  /// Takes `count` bytes out of the content, from offset `at` on.
  void erase(std::size_t at, std::size_t count) {
    char* from = data_.get() + begin_ + at;
    std::memmove(from, from + count, size() - at - count);
    end_ -= count;
  }

  [[nodiscard]] std::size_t capacity() const { return capacity_; }

  /// Drops the content and the memory.
  void release() {
    data_.reset();
    capacity_ = begin_ = end_ = 0;
  }

 private:
  static constexpr std::size_t kFirst = 4096;

  void make_room(std::size_t wanted) {
    const std::size_t held = size();
    if (capacity_ >= held + wanted) {
      std::memmove(data_.get(), data_.get() + begin_, held);
    } else {
      const std::size_t capacity = std::max({kFirst, capacity_ * 2, held + wanted});
      auto larger = std::make_unique_for_overwrite<char[]>(capacity);
      if (held != 0) std::memcpy(larger.get(), data_.get() + begin_, held);
      data_ = std::move(larger);
      capacity_ = capacity;
    }
    begin_ = 0;
    end_ = held;
  }

  std::unique_ptr<char[]> data_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace brink::net
