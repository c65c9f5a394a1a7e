#include "http/chunk_writer.h"

#include <cstdint>

#include "base/check.h"
#include "http/chars.h"
#include "http/trailers.h"

namespace brink::http {
namespace {

constexpr std::string_view kDigits = "0123456789abcdef";
constexpr std::string_view kRoom = "00000000\r\n";
constexpr std::size_t kRoomDigits = 8;

}  // namespace

ChunkPrefix::ChunkPrefix(std::size_t size) noexcept {
  BRINK_CHECK(size != 0);
  begin_ = text_.size() - kChunkEnd.size();
  kChunkEnd.copy(text_.data() + begin_, kChunkEnd.size());
  for (; size != 0; size >>= 4) text_[--begin_] = kDigits[size & 15];
}

void append_chunk(std::string& out, std::string_view data) {
  if (data.empty()) return;
  out.append(ChunkPrefix(data.size()).text()).append(data).append(kChunkEnd);
}

OpenChunk::OpenChunk(std::string& out) : out_(out), begin_(out.size()) { out_.append(kRoom); }

std::size_t OpenChunk::size() const noexcept { return out_.size() - begin_ - kRoom.size(); }

void OpenChunk::close() {
  std::size_t left = size();
  if (left == 0) {
    out_.resize(begin_);
    return;
  }
  BRINK_CHECK(left <= UINT32_MAX);
  for (std::size_t digit = kRoomDigits; digit != 0; left >>= 4) {
    out_[begin_ + --digit] = kDigits[left & 15];
  }
  out_.append(kChunkEnd);
}

Result<void> append_last_chunk(std::string& out, std::span<const Field> trailers) {
  const std::size_t begin = out.size();
  out.append("0\r\n");
  for (const Field& field : trailers) {
    if (!is_token(field.name) || !all(kFieldValue, field.value) ||
        is_forbidden_in_trailers(field.name)) {
      out.resize(begin);
      return fail(ErrorCode::guest_bad_answer, "a trailer field that can't be sent");
    }
    out.append(field.name).append(": ").append(field.value).append("\r\n");
  }
  out.append("\r\n");
  return {};
}

}  // namespace brink::http
