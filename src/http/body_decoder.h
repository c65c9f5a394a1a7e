#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "http/limits.h"
#include "http/request.h"
#include "http/trailers.h"

namespace brink::http {

/// What one call of BodyDecoder::feed found.
struct BodyPiece {
  enum class State : std::uint8_t {
    data,       ///< `data` is not empty; call again with what follows
    need_more,  ///< all input is used up and the body goes on
    done,       ///< the body, trailers included, has ended; the rest is not ours
  };
  State state = State::need_more;
  std::size_t consumed = 0;  ///< input bytes used, those of `data` included
  std::string_view data;     ///< body bytes: a view into the input
};

/// Takes the framing off a request body as it arrives (RFC 9112 6 and 7.1).
/// Sans-I/O, reusable, not thread-safe. Keeps no input: every byte is consumed
/// by the call that gets it, except those after the end. Allocates only for
/// trailers.
///
///   decoder.begin(head.framing, head.content_length, limits);
///   do {
///     TRY(BodyPiece piece, decoder.feed(input));
///     input.remove_prefix(piece.consumed);
///     use(piece.data);
///   } while (piece.state == BodyPiece::State::data);
///
/// An error (bad_request, body_too_large, headers_too_large for trailers) is
/// final: answer if possible, then close the connection.
class BodyDecoder {
 public:
  /// A body of `length` bytes (BodyFraming::length), chunked, or none. Of the
  /// limits, those of body, trailers and chunk extensions apply. Body bytes are
  /// counted after decoding.
  void begin(BodyFraming framing, std::uint64_t length, const RequestLimits& limits);

  [[nodiscard]] Result<BodyPiece> feed(std::string_view in);

  [[nodiscard]] bool done() const noexcept { return state_ == State::done; }

  /// Bytes that are known to come still, 0 if that is not known. For deciding
  /// whether reading on is cheaper than closing the connection.
  [[nodiscard]] std::uint64_t known_remaining() const noexcept;

  /// Body bytes handed out so far.
  [[nodiscard]] std::uint64_t received() const noexcept { return received_; }

  /// The trailer fields, complete once done; views into the decoder, dead at
  /// the next begin().
  [[nodiscard]] const Trailers& trailers() const noexcept { return trailers_; }

 private:
  enum class State : std::uint8_t {
    length_data,
    size_start,  ///< before the first digit of a chunk size
    size,        ///< inside the digits
    size_space,  ///< white space after the digits: an extension must follow
    extension,   ///< after ';'
    size_lf,     ///< after the CR of the size line
    chunk_data,
    data_cr,
    data_lf,
    trailer_line,
    done,
  };

  Result<void> step(char c);
  Result<void> take_size_digit(char c);
  Result<void> after_size(char c);
  Result<void> take_extension_byte(char c);
  Result<void> end_size_line();
  BodyPiece take_data(std::string_view in, std::size_t at);
  Result<std::size_t> take_trailer_bytes(std::string_view in);

  State state_ = State::done;
  std::uint8_t size_digits_ = 0;
  std::uint64_t remaining_ = 0;  ///< of the body or of the current chunk
  std::uint64_t received_ = 0;
  std::uint64_t extension_bytes_ = 0;
  RequestLimits limits_;
  Trailers trailers_;
};

}  // namespace brink::http
