#include "worker/answer.h"

#include <array>
#include <utility>

#include "http/chunk_writer.h"
#include "http/response_writer.h"

namespace brink::worker {
namespace {

// From here on bytes go from guest memory to the kernel without a copy of ours.
constexpr std::size_t kDirect = std::size_t{16} << 10;

std::string_view text_of(wasi::ConstBytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

iovec piece_of(std::string_view bytes) {
  // sendmsg only reads; its structure has no const.
  return {const_cast<char*>(bytes.data()), bytes.size()};
}

}  // namespace

void Answer::begin(ClientStream& client, const AnswerSetup& setup) {
  client_ = &client;
  setup_ = setup;
  const bool json = setup.dialect == wcgi::Dialect::json;
  if (json != std::holds_alternative<wcgi::JsonHeadParser>(parser_)) {
    if (json) {
      parser_.emplace<wcgi::JsonHeadParser>(setup.limits);
    } else {
      parser_.emplace<wcgi::AnswerParser>(setup.limits);
    }
  }
  std::visit([](auto& parser) { parser.reset(); }, parser_);
  gate_.reset();
  framing_.reset();
  fault_.reset();
  held_.clear();
  written_ = body_written_ = 0;
}

const wcgi::AnswerHead& Answer::head() const {
  return std::visit([](const auto& parser) -> const wcgi::AnswerHead& { return parser.head(); },
                    parser_);
}

std::unexpected<wasi::Errno> Answer::give_up(wcgi::Outcome outcome) {
  if (!fault_) fault_ = std::move(outcome);
  return std::unexpected(wasi::Errno::pipe);
}

wasi::Outcome<std::uint64_t> Answer::try_write(std::span<const wasi::ConstBytes> buffers) noexcept {
  if (fault_) return std::unexpected(wasi::Errno::pipe);
  if (client_->pending() >= kHighMark) {
    if (client_->flush() == ClientStream::Status::broken) {
      return give_up({.ending = wcgi::Ending::client_gone, .detail = {}});
    }
    if (client_->pending() >= kHighMark) return std::unexpected(wasi::Errno::again);
  }
  std::uint64_t total = 0;
  for (const wasi::ConstBytes buffer : buffers) {
    written_ += buffer.size();
    if (auto taken = take(text_of(buffer)); !taken) return std::unexpected(taken.error());
    total += buffer.size();
    if (client_->pending() >= kHighMark) break;
  }
  return total;
}

wasi::Outcome<void> Answer::take(std::string_view bytes) {
  if (!gate_) {
    if (auto head = take_head(bytes); !head) return head;
  }
  if (!bytes.empty() && gate_) take_body(bytes);
  if (fault_) return std::unexpected(wasi::Errno::pipe);
  return {};
}

wasi::Outcome<void> Answer::take_head(std::string_view& bytes) {
  const auto fed = std::visit([&](auto& parser) { return parser.feed(bytes); }, parser_);
  if (!fed) return give_up(wcgi::outcome_of(fed.error()));
  bytes.remove_prefix(fed->consumed);
  if (fed->state == wcgi::Fed::State::need_more) return {};
  gate_.emplace(wcgi::body_rule(setup_.method, head().status), head().content_length);
  return {};
}

void Answer::take_body(std::string_view bytes) {
  body_written_ += bytes.size();
  if (body_written_ > setup_.max_output.bytes()) {
    fault_ =
        wcgi::Outcome{.ending = wcgi::Ending::output_limit, .detail = to_string(setup_.max_output)};
    return;
  }
  // A local redirect is no answer, whatever is printed behind it.
  if (!local_redirect().empty()) return;
  const std::string_view part = gate_->accept(bytes);
  if (held_.size() + part.size() <= kHeld) {
    held_.append(part);
    return;
  }
  if (!framing_ && !commit_with(head().content_length)) return;
  send_held();
  send_body(part);
}

void Answer::send_held() {
  send_body(held_);
  held_.clear();
}

void Answer::send_body(std::string_view bytes) {
  if (bytes.empty() || framing_->body == http::AnswerBody::none) return;
  std::string& out = client_->output();
  const bool chunked = framing_->body == http::AnswerBody::chunked;
  if (bytes.size() < kDirect) {
    if (chunked) {
      http::append_chunk(out, bytes);
    } else {
      out.append(bytes);
    }
    return;
  }
  if (chunked) out.append(http::ChunkPrefix(bytes.size()).text());
  const std::array pieces = {piece_of(bytes)};
  std::size_t taken = 0;
  if (client_->flush_with(pieces, taken) == ClientStream::Status::broken) {
    fault_ = wcgi::Outcome{.ending = wcgi::Ending::client_gone, .detail = {}};
    return;
  }
  out.append(bytes.substr(taken));
  if (chunked) out.append(http::kChunkEnd);
}

bool Answer::commit_with(std::optional<std::uint64_t> length) {
  const wcgi::AnswerHead& answer = head();
  const http::AnswerFraming framing =
      http::decide_framing(setup_.exchange, answer.status, length, setup_.wanted);
  http::HeadWriter writer(client_->output(), answer.status, answer.reason);
  writer.fields(answer.fields).field("X-Request-Id", setup_.request_id);
  if (auto finished = writer.finish(framing, dates_.field_line(clock_.wall())); !finished) {
    fault_ = wcgi::outcome_of(finished.error());
    return false;
  }
  framing_ = framing;
  send_held();
  return true;
}

void Answer::commit() {
  if (!gate_ || fault_ || !local_redirect().empty()) return;
  if (framing_) return send_held();
  commit_with(head().content_length);
}

wcgi::Outcome Answer::finish() {
  if (fault_) return *fault_;
  if (!gate_) {
    if (written_ == 0) return {.ending = wcgi::Ending::no_header, .detail = {}};
    return wcgi::outcome_of(
        std::visit([](const auto& parser) { return parser.end_of_output(); }, parser_));
  }
  const wcgi::BodyGate::End end = gate_->finish();
  if (!framing_) {
    if (!end.complete()) return {.ending = wcgi::Ending::short_body, .detail = {}};
    std::optional<std::uint64_t> length = head().content_length;
    // A HEAD request: what the program printed is what a GET would have got.
    if (!length)
      length = setup_.exchange.method == http::MethodKind::head ? end.dropped : held_.size();
    if (!commit_with(length)) return *fault_;
  }
  send_held();
  if (!end.complete()) return {.ending = wcgi::Ending::short_body, .detail = {}};
  if (framing_->body == http::AnswerBody::chunked) {
    // Without trailers there is nothing that could be refused.
    (void)http::append_last_chunk(client_->output());
  }
  return {};
}

http::Persistence Answer::persistence() const {
  return framing_ ? framing_->persistence : http::Persistence::close;
}

Answer::Cut Answer::cut() const {
  using enum http::AnswerBody;
  const bool framed = framing_ && (framing_->body == chunked || framing_->body == length);
  return framed ? Cut::shows : Cut::is_hidden;
}

std::string_view Answer::local_redirect() const {
  return gate_ ? head().local_target : std::string_view();
}

std::uint16_t Answer::status() const { return gate_ ? head().status : 0; }

wasi::Readiness Answer::room() noexcept {
  using State = wasi::Readiness::State;
  if (fault_) return {State::hung_up, 0};
  const std::size_t pending = client_->pending();
  if (pending >= kHighMark) return {};
  return {State::ready, kHighMark - pending};
}

}  // namespace brink::worker
