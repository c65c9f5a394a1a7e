#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/units.h"
#include "http/date_cache.h"
#include "http/response.h"
#include "wasi/stream.h"
#include "wcgi/answer_framing.h"
#include "wcgi/answer_parser.h"
#include "wcgi/json_dialect.h"
#include "wcgi/outcome.h"
#include "worker/client_stream.h"

namespace brink::worker {

/// What an answer needs to know of its request; views outlive the exchange.
struct AnswerSetup {
  http::Exchange exchange;
  std::string_view method;
  std::string_view request_id;
  wcgi::Dialect dialect = wcgi::Dialect::rfc3875;
  wcgi::AnswerLimits limits;
  ByteSize max_output;
  http::Persistence wanted = http::Persistence::keep_alive;
};

/// The program's standard output on its way to the client: the head is parsed,
/// the body framed and sent as the client takes it.
///
/// Nothing is written to the client before commit(): until then the answer can
/// still become an error page, and an answer that is complete by then gets a
/// Content-Length. A body that outgrows kHeld commits by itself.
class Answer final : public wasi::OutputStream {
 public:
  explicit Answer(http::DateCache& dates, const Clock& clock) : dates_(dates), clock_(clock) {}

  void begin(ClientStream& client, const AnswerSetup& setup);

  wasi::Outcome<std::uint64_t> try_write(
      std::span<const wasi::ConstBytes> buffers) noexcept override;
  wasi::Readiness room() noexcept override;
  void add_wait(wasm::WaitSet& wait) noexcept override { wait.on_output(); }

  /// Lets what there is of the answer go to the client's output, if the head is
  /// complete: the program waits, or computes on. To be called at every such point.
  void commit();

  /// The connection has to close after this answer: its head will say so, unless it
  /// is written already.
  void close_afterwards() { setup_.wanted = http::Persistence::close; }

  /// The program has ended by itself. Completes the answer, or says why it is
  /// none; nothing has been written then unless committed().
  wcgi::Outcome finish();

  /// Whether the client may have got a part of this answer.
  [[nodiscard]] bool committed() const { return framing_.has_value(); }
  /// How the connection goes on after a complete answer.
  [[nodiscard]] http::Persistence persistence() const;
  /// Whether a client can tell from the framing that a committed answer is not
  /// complete, when the connection just closes.
  enum class Cut : std::uint8_t { shows, is_hidden };
  [[nodiscard]] Cut cut() const;
  /// What ends the program early: a bad head, too much output, no client.
  [[nodiscard]] const std::optional<wcgi::Outcome>& fault() const { return fault_; }
  /// Set when the head asks for the answer of another path of this server.
  [[nodiscard]] std::string_view local_redirect() const;
  [[nodiscard]] std::uint16_t status() const;
  /// Whether the rest of the program's output would be dropped anyway.
  [[nodiscard]] bool is_shut() const { return gate_ && gate_->is_shut(); }
  /// Everything the program has written, head included.
  [[nodiscard]] std::uint64_t written() const { return written_; }

  /// Unsent bytes above which the program has to wait.
  static constexpr std::size_t kHighMark = std::size_t{256} << 10;
  /// Unsent bytes below which it goes on.
  static constexpr std::size_t kLowMark = std::size_t{64} << 10;

 private:
  static constexpr std::size_t kHeld = std::size_t{32} << 10;

  wasi::Outcome<void> take(std::string_view bytes);
  wasi::Outcome<void> take_head(std::string_view& bytes);
  void take_body(std::string_view bytes);
  void send_held();
  void send_body(std::string_view bytes);
  bool commit_with(std::optional<std::uint64_t> length);
  std::unexpected<wasi::Errno> give_up(wcgi::Outcome outcome);
  [[nodiscard]] const wcgi::AnswerHead& head() const;

  http::DateCache& dates_;
  const Clock& clock_;
  ClientStream* client_ = nullptr;
  AnswerSetup setup_;
  std::variant<wcgi::AnswerParser, wcgi::JsonHeadParser> parser_;
  std::optional<wcgi::BodyGate> gate_;  ///< once the head is complete
  std::optional<http::AnswerFraming> framing_;
  std::optional<wcgi::Outcome> fault_;
  std::string held_;  ///< body that goes with the next commit: one chunk, not many
  std::uint64_t written_ = 0;
  std::uint64_t body_written_ = 0;
};

}  // namespace brink::worker
