#include "http/body_decoder.h"

#include <algorithm>

#include "base/check.h"
#include "http/chars.h"
#include "http/refusal.h"

namespace brink::http {
namespace {

/// Sixteen digits hold every 64-bit size, so the sum below can't overflow.
constexpr std::uint8_t kMaxSizeDigits = 16;

}  // namespace

void BodyDecoder::begin(BodyFraming framing, std::uint64_t length, const RequestLimits& limits) {
  limits_ = limits;
  remaining_ = framing == BodyFraming::length ? length : 0;
  received_ = 0;
  extension_bytes_ = 0;
  size_digits_ = 0;
  trailers_.clear();
  if (framing == BodyFraming::chunked) {
    state_ = State::size_start;
  } else {
    state_ = remaining_ == 0 ? State::done : State::length_data;
  }
}

std::uint64_t BodyDecoder::known_remaining() const noexcept {
  return state_ == State::length_data || state_ == State::chunk_data ? remaining_ : 0;
}

Result<BodyPiece> BodyDecoder::feed(std::string_view in) {
  if (state_ == State::length_data && remaining_ > limits_.max_body.bytes() - received_) {
    return refuse(ErrorCode::body_too_large,
                  "a body above the limit of " + to_string(limits_.max_body));
  }
  std::size_t at = 0;
  while (at < in.size() && state_ != State::done) {
    if (state_ == State::length_data || state_ == State::chunk_data) return take_data(in, at);
    if (state_ == State::trailer_line) {
      TRY(const std::size_t used, trailers_.take(in.substr(at), limits_));
      at += used;
      if (trailers_.ended()) state_ = State::done;
    } else {
      TRY_VOID(step(in[at]));
      ++at;
    }
  }
  using enum BodyPiece::State;
  return BodyPiece{state_ == State::done ? done : need_more, at, {}};
}

BodyPiece BodyDecoder::take_data(std::string_view in, std::size_t at) {
  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(in.size() - at, remaining_));
  remaining_ -= size;
  received_ += size;
  if (remaining_ == 0) state_ = state_ == State::length_data ? State::done : State::data_cr;
  return {BodyPiece::State::data, at + size, in.substr(at, size)};
}

Result<void> BodyDecoder::step(char c) {
  switch (state_) {
    case State::size_start:
      size_digits_ = 0;
      remaining_ = 0;
      if (hex_value(c) < 0) return refuse("a chunk without a size");
      state_ = State::size;
      return take_size_digit(c);
    case State::size:
      return hex_value(c) >= 0 ? take_size_digit(c) : after_size(c);
    case State::size_space:
    case State::extension:
      return take_extension_byte(c);
    case State::size_lf:
      if (c != '\n') return refuse("a bare CR in a chunk size line");
      return end_size_line();
    case State::data_cr:
      if (c != '\r') return refuse("a chunk whose data is not followed by CR LF");
      state_ = State::data_lf;
      return {};
    case State::data_lf:
      if (c != '\n') return refuse("a chunk whose data is not followed by CR LF");
      state_ = State::size_start;
      return {};
    case State::length_data:
    case State::chunk_data:
    case State::trailer_line:
    case State::done:
      break;
  }
  BRINK_CHECK(false && "a state that step() does not handle");
  return {};
}

Result<void> BodyDecoder::take_size_digit(char c) {
  if (++size_digits_ > kMaxSizeDigits) return refuse("a chunk size of more than 16 digits");
  remaining_ = remaining_ * 16 + static_cast<std::uint64_t>(hex_value(c));
  return {};
}

Result<void> BodyDecoder::after_size(char c) {
  switch (c) {
    case '\r':
      state_ = State::size_lf;
      return {};
    case ' ':
    case '\t':
      state_ = State::size_space;
      return take_extension_byte(c);
    case ';':
      state_ = State::extension;
      return take_extension_byte(c);
    case '\n':
      return refuse("a chunk size line that ends in a bare LF");
    default:
      return refuse("a chunk size that is not a hexadecimal number");
  }
}

Result<void> BodyDecoder::take_extension_byte(char c) {
  if (c == '\r' && state_ == State::extension) {
    state_ = State::size_lf;
    return {};
  }
  if (c == '\r') return refuse("a space behind a chunk size");
  if (!is(kFieldValue, c)) return refuse("a control byte in a chunk size line");
  if (++extension_bytes_ > limits_.max_chunk_extension_bytes.bytes()) {
    return refuse("chunk extensions above the limit of " +
                  to_string(limits_.max_chunk_extension_bytes));
  }
  if (state_ == State::extension || c == ' ' || c == '\t') return {};
  if (c != ';') return refuse("text behind a chunk size that is no extension");
  state_ = State::extension;
  return {};
}

Result<void> BodyDecoder::end_size_line() {
  if (remaining_ == 0) {
    state_ = State::trailer_line;
    return {};
  }
  if (remaining_ > limits_.max_body.bytes() - received_) {
    return refuse(ErrorCode::body_too_large,
                  "a body above the limit of " + to_string(limits_.max_body));
  }
  state_ = State::chunk_data;
  return {};
}

}  // namespace brink::http
