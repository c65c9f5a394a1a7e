#include "worker/request_body.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace brink::worker {

void RequestBody::begin(ClientStream& client, const http::RequestHead& head,
                        const http::RequestLimits& limits) {
  client_ = &client;
  head_bytes_ = head.bytes;
  used_ = 0;
  framing_ = head.framing;
  error_.reset();
  decoder_.begin(head.framing, head.content_length, limits);
  wants_continue_ = head.expects_continue && !decoder_.done();
  invites_ = false;
}

std::string_view RequestBody::buffered() const {
  return client_->input().view().substr(head_bytes_ + used_);
}

bool RequestBody::wants_bytes() const {
  if (done() || error_) return false;
  const std::size_t held = buffered().size();
  // All of it may be here already, though the program has not read it.
  const bool complete = framing_ == http::BodyFraming::length && held >= known_remaining();
  return held < kWindow && !complete;
}

bool RequestBody::rest_is_short() const {
  return !error_ && !held_back() && !client_->input_ended() &&
         framing_ == http::BodyFraming::length && known_remaining() <= kWindow;
}

void RequestBody::ask_for_body() {
  if (std::exchange(wants_continue_, false)) invites_ = true;
}

void RequestBody::note_end() {
  if (client_->input_ended() && !done() && !error_) {
    error_ = Error{ErrorCode::bad_request, "the request's body ended early", {}};
  }
}

std::uint64_t RequestBody::read_into(wasi::MutableBytes target) {
  std::uint64_t copied = 0;
  while (copied < target.size() && !done() && !error_) {
    // Decoding never makes more of its input, so the result fits.
    const std::string_view input = buffered().substr(0, target.size() - copied);
    if (input.empty()) break;
    const auto piece = decoder_.feed(input);
    if (!piece) {
      error_ = piece.error();
      break;
    }
    if (!piece->data.empty()) {
      std::memcpy(target.data() + copied, piece->data.data(), piece->data.size());
    }
    copied += piece->data.size();
    used_ += piece->consumed;
  }
  // Moving the rest to the front is cheap when there is none, so wait for that.
  if (used_ != 0 && (buffered().empty() || used_ >= kWindow)) {
    client_->input().erase(head_bytes_, used_);
    used_ = 0;
  }
  return copied;
}

wasi::Outcome<std::uint64_t> RequestBody::try_read(
    std::span<const wasi::MutableBytes> buffers) noexcept {
  std::uint64_t total = 0;
  for (const wasi::MutableBytes buffer : buffers) {
    const std::uint64_t copied = read_into(buffer);
    total += copied;
    if (copied < buffer.size()) break;
  }
  if (total != 0) {
    wants_continue_ = false;
    return total;
  }
  if (done()) return 0;
  note_end();
  if (error_) return std::unexpected(wasi::Errno::io);
  ask_for_body();
  return std::unexpected(wasi::Errno::again);
}

wasi::Readiness RequestBody::available() noexcept {
  using State = wasi::Readiness::State;
  note_end();
  if (done() || error_) return {error_ ? State::hung_up : State::ready, 0};
  const std::size_t bytes = buffered().size();
  if (bytes != 0) return {State::ready, bytes};
  ask_for_body();
  return {};
}

void RequestBody::discard() {
  std::array<std::byte, 4096> sink;
  while (read_into(sink) != 0) {
  }
}

void RequestBody::finish() {
  client_->input().consume(head_bytes_ + used_);
  head_bytes_ = used_ = 0;
}

}  // namespace brink::worker
