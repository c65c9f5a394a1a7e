#pragma once

#include <cstdint>
#include <optional>
#include <utility>

#include "base/result.h"
#include "http/body_decoder.h"
#include "http/limits.h"
#include "http/request.h"
#include "wasi/stream.h"
#include "worker/client_stream.h"

namespace brink::worker {

/// The body of the request being served, as it comes from the client: takes the
/// framing off, and is the program's standard input. The request's head stays at
/// the front of the connection's buffer, since its views are still needed.
class RequestBody final : public wasi::InputStream {
 public:
  /// `client` is not owned and outlives the request; its input begins with the
  /// request's head.
  void begin(ClientStream& client, const http::RequestHead& head,
             const http::RequestLimits& limits);

  wasi::Outcome<std::uint64_t> try_read(
      std::span<const wasi::MutableBytes> buffers) noexcept override;
  wasi::Readiness available() noexcept override;
  void add_wait(wasm::WaitSet& wait) noexcept override { wait.on_input(); }

  /// Reads and drops what has come. Errors as below.
  void discard();

  /// The whole body has been read.
  [[nodiscard]] bool done() const { return decoder_.done(); }
  /// Body bytes read so far.
  [[nodiscard]] std::uint64_t received() const { return decoder_.received(); }
  [[nodiscard]] std::uint64_t known_remaining() const { return decoder_.known_remaining(); }
  /// Why the body cannot be read on: badly framed, too large, or cut short.
  [[nodiscard]] const std::optional<Error>& error() const { return error_; }
  /// Whether reading and dropping what is still to come costs less than a new
  /// connection: little of it, of a known length, on its way already.
  [[nodiscard]] bool rest_is_short() const;
  /// The client has announced a body and waits for 100 (Continue).
  [[nodiscard]] bool held_back() const { return wants_continue_; }
  /// True once, when the program waits for what the client holds back: the client
  /// is to be sent 100 (Continue), unless the final answer has begun.
  [[nodiscard]] bool take_invitation() { return std::exchange(invites_, false); }

  /// How many unread body bytes the connection's buffer may hold.
  static constexpr std::size_t kWindow = std::size_t{64} << 10;
  /// Whether more may be received from the client now.
  [[nodiscard]] bool wants_bytes() const;

  /// Takes head and consumed body bytes out of the connection's buffer.
  void finish();

 private:
  std::uint64_t read_into(wasi::MutableBytes target);
  [[nodiscard]] std::string_view buffered() const;
  void ask_for_body();
  void note_end();

  ClientStream* client_ = nullptr;
  http::BodyDecoder decoder_;
  http::BodyFraming framing_ = http::BodyFraming::none;
  std::size_t head_bytes_ = 0;
  std::size_t used_ = 0;  ///< consumed bytes that still stand behind the head
  bool wants_continue_ = false;
  bool invites_ = false;
  std::optional<Error> error_;
};

}  // namespace brink::worker
