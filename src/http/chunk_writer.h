#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "http/field.h"

namespace brink::http {

/// The size line of a chunk for gathered writes (writev): the prefix, the data,
/// then kChunkEnd. A chunk of no bytes would end the body: `size` must not be 0.
class ChunkPrefix {
 public:
  explicit ChunkPrefix(std::size_t size) noexcept;
  [[nodiscard]] std::string_view text() const noexcept {
    return {text_.data() + begin_, text_.size() - begin_};
  }

 private:
  std::array<char, 18> text_{};  // 16 digits and the line end, right-aligned
  std::size_t begin_ = 0;
};

inline constexpr std::string_view kChunkEnd = "\r\n";

/// Appends `data` as one chunk (RFC 9112 7.1); nothing if it is empty.
void append_chunk(std::string& out, std::string_view data);

/// A chunk whose data is written straight into the buffer: the constructor
/// leaves room for the size line, the caller appends the data to the same
/// string, close() fills in the size, or takes the room back if there is no
/// data. The size line has leading zeros, which the grammar allows. At most
/// 4 GiB - 1; one open chunk per buffer. Not thread-safe.
class OpenChunk {
 public:
  explicit OpenChunk(std::string& out);
  OpenChunk(const OpenChunk&) = delete;
  OpenChunk& operator=(const OpenChunk&) = delete;

  /// Data bytes appended so far.
  [[nodiscard]] std::size_t size() const noexcept;
  void close();

 private:
  std::string& out_;
  std::size_t begin_;
};

/// Appends the last chunk, the trailers and the empty line. A trailer that
/// would break the message apart, or that must not be one, is guest_bad_answer
/// with the buffer as it was before.
[[nodiscard]] Result<void> append_last_chunk(std::string& out,
                                             std::span<const Field> trailers = {});

}  // namespace brink::http
