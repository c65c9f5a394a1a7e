#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "http/body_decoder.h"

// However its bytes arrive, a body ends the same way, with the same data,
// trailers and rest, and never hands out more than its limit.

namespace brink::http {
namespace {

constexpr std::uint64_t kMaxBody = 512;

RequestLimits small_limits() {
  RequestLimits limits;
  limits.max_body = ByteSize(kMaxBody);
  limits.max_chunk_extension_bytes = 64_B;
  limits.max_trailer_bytes = 128_B;
  limits.max_trailer_fields = 4;
  return limits;
}

struct Outcome {
  std::string text;  // data and trailers, or the refusal
  std::size_t consumed = 0;
  bool operator==(const Outcome&) const = default;
};

/// Feeds one piece to its end; false once the body has ended or failed.
bool feed_piece(BodyDecoder& decoder, const std::string& piece, Outcome& outcome) {
  std::string_view input = piece;
  while (true) {
    const auto fed = decoder.feed(input);
    if (!fed) {
      outcome = {fed.error().message, 0};
      return false;
    }
    BRINK_CHECK(fed->consumed <= input.size());
    BRINK_CHECK((fed->state == BodyPiece::State::data) == !fed->data.empty());
    outcome.text.append(fed->data);
    outcome.consumed += fed->consumed;
    input.remove_prefix(fed->consumed);
    if (fed->state == BodyPiece::State::done) return false;
    if (fed->state == BodyPiece::State::need_more) {
      BRINK_CHECK(input.empty());
      return true;
    }
  }
}

Outcome decode(BodyFraming framing, std::uint64_t length, std::string_view bytes,
               std::size_t step) {
  BodyDecoder decoder;
  decoder.begin(framing, length, small_limits());
  Outcome outcome;
  while (!bytes.empty()) {
    const std::string piece(bytes.substr(0, step));
    if (!feed_piece(decoder, piece, outcome)) break;
    bytes.remove_prefix(piece.size());
  }
  BRINK_CHECK(decoder.received() <= kMaxBody);
  for (const Field& field : decoder.trailers().fields()) {
    BRINK_CHECK(!is_forbidden_in_trailers(field.name));
    outcome.text.append("\n").append(field.name).append(":").append(field.value);
  }
  return outcome;
}

}  // namespace
}  // namespace brink::http

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace brink::http;
  if (size > 2048) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  for (const auto framing : {BodyFraming::chunked, BodyFraming::length}) {
    const std::uint64_t length = size / 2;
    const Outcome whole = decode(framing, length, bytes, size + 1);
    for (const std::size_t step : {std::size_t{1}, std::size_t{5}, size / 2 + 1}) {
      BRINK_CHECK(decode(framing, length, bytes, step) == whole);
    }
  }
  return 0;
}
