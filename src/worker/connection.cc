#include "worker/connection.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/check.h"
#include "http/error_page.h"

namespace brink::worker {
namespace {

// How long a client may take over its part.
constexpr Duration kHeadTime = std::chrono::seconds(10);
constexpr Duration kIdleTime = std::chrono::seconds(75);
constexpr Duration kBodyTime = std::chrono::seconds(30);
constexpr Duration kSendTime = std::chrono::seconds(30);
constexpr Duration kLingerTime = std::chrono::seconds(2);
// What it has to move in kBodyTime and kSendTime: whoever trickles is cut off.
constexpr std::uint64_t kLeastProgress = 4096;
// Pipelined requests served before others get their turn.
constexpr std::uint32_t kInARow = 8;
constexpr std::size_t kHeadRoom = 512;

/// What no program is asked about, since this server is an origin on plain HTTP.
std::optional<Error> refusal_of(const http::RequestHead& head) {
  if (head.method == "CONNECT") {
    return Error{ErrorCode::not_implemented, "this server is no proxy: it does not CONNECT", {}};
  }
  if (!head.scheme.empty() && !http::equals_ignoring_case(head.scheme, "http")) {
    return Error{ErrorCode::misdirected_request, "this connection is for http only", {}};
  }
  return std::nullopt;
}

}  // namespace

Connection::Connection(Services& services, ConnectionHost& host, UniqueFd socket,
                       const net::SocketAddress& peer, const net::SocketAddress& local)
    : services_(services),
      host_(host),
      client_(std::move(socket)),
      parser_(services.app.request_limits),
      remote_addr_(peer.host()),
      local_addr_(local.host()) {
  info_ = {.remote_addr = remote_addr_,
           .remote_port = peer.port(),
           .local_addr = local_addr_,
           .local_port = local.port()};
  services_.metrics.change(ipc::Gauge::connections_open, 1);
}

Connection::~Connection() {
  BRINK_CHECK(stage_ == Stage::closed);
  services_.metrics.change(ipc::Gauge::connections_open, -1);
}

Result<void> Connection::start() {
  interest_ = EPOLLIN;
  if (auto watched = services_.loop.watch(client_.fd(), interest_, *this); !watched) {
    stage_ = Stage::closed;
    return watched;
  }
  services_.deadlines.schedule(*this, services_.loop.now() + kHeadTime);
  return {};
}

void Connection::on_events(std::uint32_t events) {
  if ((events & EPOLLERR) != 0) return cut();
  // While it lingers both sides have ended in order: a reset would destroy what of
  // the answer still is with the kernel.
  if ((events & EPOLLHUP) != 0 && stage_ != Stage::lingering) return cut();
  if ((events & EPOLLIN) != 0) receive();
  if (stage_ == Stage::closed) return;
  if ((events & EPOLLOUT) != 0) blocked_ = false;
  drive();
}

void Connection::receive() {
  const auto& limits = services_.app.request_limits;
  const std::size_t head_most =
      limits.max_request_line.bytes() + limits.max_header_bytes.bytes() + kHeadRoom;
  const std::size_t held = client_.input().size();
  std::size_t room =
      stage_ == Stage::serving ? RequestBody::kWindow : head_most - std::min(held, head_most);
  if (stage_ == Stage::lingering) client_.input().consume(held);
  if (room == 0) return;  // the parser says what is too long
  if (client_.input().empty() && stage_ == Stage::reading) {
    request_began_ = services_.loop.now();
  }
  const std::size_t before = client_.input().size();
  switch (client_.read(room)) {
    case ClientStream::Status::ok:
      received_ += client_.input().size() - before;
      return;
    case ClientStream::Status::blocked:
      return;
    case ClientStream::Status::ended:
      // Half-closed: what has been asked for is still answered.
      return;
    case ClientStream::Status::broken:
      return cut();
  }
}

void Connection::drive() {
  served_in_a_row_ = 0;
  if (exchange_) exchange_->client_sent();
  while (stage_ == Stage::reading || stage_ == Stage::serving) {
    if (stage_ == Stage::reading && !parse_request()) break;
    if (exchange_->done()) {
      if (!end_exchange()) break;
      if (++served_in_a_row_ >= kInARow && !client_.input().empty()) {
        queued_ = true;
        services_.scheduler.push(*this);
        break;
      }
      continue;
    }
    const std::size_t before = client_.pending();
    if (!flush()) return;
    if (before == 0 || client_.pending() > Answer::kLowMark) break;
    exchange_->client_took();
    if (!exchange_->done() && (blocked_ || client_.pending() == 0)) break;
  }
  settle();
}

bool Connection::parse_request() {
  // Whoever has got the last answer of this connection gets no other one.
  if (queued_ || close_when_sent_) return false;
  if (blocked_ && client_.pending() != 0) return false;
  const auto parsed = parser_.parse(client_.input().view());
  if (!parsed) {
    refuse(parsed.error());
    return false;
  }
  if (*parsed == nullptr) {
    if (client_.input_ended()) {
      // Between requests this is the ordinary end of a connection.
      if (parser_.idle()) {
        close_after_answer();
      } else {
        refuse({ErrorCode::bad_request, "the request ended in its head", {}});
      }
    }
    return false;
  }
  if (auto refusal = refusal_of(**parsed)) {
    refuse(*refusal);
    return false;
  }
  begin_exchange();
  return true;
}

void Connection::begin_exchange() {
  stage_ = Stage::serving;
  ++requests_;
  exchange_ = host_.take_exchange();
  const bool last = host_.draining();
  exchange_->begin({.client = client_,
                    .parser = parser_,
                    .connection = info_,
                    .wanted = last ? http::Persistence::close : http::Persistence::keep_alive,
                    .received = request_began_},
                   *this);
}

bool Connection::end_exchange() {
  const Exchange::Next next = exchange_->finish();
  host_.give_exchange(std::move(exchange_));
  stage_ = Stage::reading;
  parser_.reset();
  request_began_ = services_.loop.now();
  waiting_ = Waiting::for_request;  // the next head has a deadline of its own
  switch (next) {
    case Exchange::Next::keep:
      return true;
    case Exchange::Next::close:
      close_after_answer();
      return false;
    case Exchange::Next::cut:
      cut();
      return false;
  }
  return false;
}

void Connection::refuse(const Error& error) {
  const RequestId id = services_.request_ids.next();
  const std::array fields = {http::Field{"X-Request-Id", id.text()}};
  http::append_error_page(
      client_.output(), error, parser_.refused_exchange(), http::Persistence::close,
      services_.dates.field_line(services_.loop.clock().wall()), {.fields = fields});
  services_.metrics.add(ipc::Counter::requests_total);
  services_.metrics.add(ipc::response_class(traits(error.code).status));
  if (services_.app.config.access_log == launch::LaunchConfig::AccessLog::on) {
    // No request was understood, so there is no method or path to show.
    services_.log.line("access")
        .field("request_id", id.text())
        .field("app", services_.app.config.app)
        .field("client", info_.remote_addr)
        .field("status", std::uint32_t{traits(error.code).status})
        .field("outcome", traits(error.code).label)
        .field("message", error.message)
        .field("worker", services_.app.config.slot)
        .end();
  }
  close_after_answer();
}

bool Connection::flush() {
  if (client_.pending() == 0) {
    blocked_ = false;
    return true;
  }
  // The loop will say when there is room: room found here, after others have been
  // told that there is none, would leave them waiting.
  if (blocked_) return true;
  switch (client_.flush()) {
    case ClientStream::Status::ok:
      blocked_ = false;
      return true;
    case ClientStream::Status::broken:
      cut();
      return false;
    default:
      blocked_ = true;
      return true;
  }
}

void Connection::close_after_answer() { close_when_sent_ = true; }

void Connection::settle() {
  if (stage_ == Stage::closed) return;
  const bool was_blocked = blocked_;
  if (!flush()) return;
  if (was_blocked && !blocked_ && stage_ == Stage::reading && !queued_ && !close_when_sent_ &&
      (!client_.input().empty() || client_.input_ended())) {
    // Requests, or the end, were left for later, and no event will tell of them.
    queued_ = true;
    services_.scheduler.push(*this);
  }
  if (stage_ == Stage::reading && client_.input().empty() && host_.closes_idle()) {
    close_after_answer();
  }
  if (close_when_sent_ && client_.pending() == 0 && stage_ != Stage::lingering) {
    if (client_.input_ended()) return close();
    // Closing with unread bytes would send a reset, which can destroy the answer
    // before the client has read it (RFC 9112, 9.6).
    client_.shut_down_sending();
    client_.input().release();
    stage_ = Stage::lingering;
  }
  if (stage_ == Stage::lingering && client_.input_ended()) return close();
  if (stage_ == Stage::reading) client_.shrink();
  update_interest();
  update_deadline();
}

void Connection::update_interest() {
  const bool wants_input =
      !client_.input_ended() && (stage_ == Stage::lingering ||
                                 (stage_ == Stage::reading && !queued_ && !close_when_sent_ &&
                                  (!blocked_ || client_.pending() == 0)) ||
                                 (stage_ == Stage::serving && exchange_->body().wants_bytes()));
  std::uint32_t interest = wants_input ? EPOLLIN : 0;
  if (client_.pending() != 0) interest |= EPOLLOUT;
  if (interest == interest_) return;
  interest_ = interest;
  services_.loop.change(client_.fd(), interest_, *this);
}

void Connection::update_deadline() {
  Waiting waiting = Waiting::for_request;
  Duration time = kIdleTime;
  if (stage_ == Stage::lingering) {
    waiting = Waiting::for_close;
    time = kLingerTime;
  } else if (client_.pending() != 0) {
    waiting = Waiting::for_room;
    time = kSendTime;
  } else if (stage_ == Stage::serving) {
    const RequestBody& body = exchange_->body();
    // How long the program may take is the exchange's matter.
    waiting = body.wants_bytes() && !body.held_back() ? Waiting::for_body : Waiting::for_program;
    time = kBodyTime;
  } else if (!parser_.idle() || requests_ == 0) {
    waiting = Waiting::for_head;
    time = kHeadTime;
  }
  // A head has one deadline from its first byte on; trickling does not move it.
  if (waiting == waiting_ && scheduled() && waiting != Waiting::for_request) return;
  waiting_ = waiting;
  if (waiting == Waiting::for_program) return services_.deadlines.cancel(*this);
  sent_at_deadline_ = client_.total_sent();
  received_at_deadline_ = received_;
  services_.deadlines.schedule(*this, services_.loop.now() + time);
}

void Connection::on_deadline() {
  switch (waiting_) {
    case Waiting::for_request:
      return close();
    case Waiting::for_head:
      if (parser_.idle()) return close();
      refuse({ErrorCode::request_timeout, "the request's head took too long", {}});
      return settle();
    case Waiting::for_body:
      // Only a client that could send all the time, and did not, is too slow.
      if (received_ - received_at_deadline_ < kLeastProgress) {
        exchange_->abort(wcgi::Ending::request_timeout);
        return drive();
      }
      return update_deadline();
    case Waiting::for_room:
      if (client_.total_sent() - sent_at_deadline_ < kLeastProgress) return cut();
      return update_deadline();
    case Waiting::for_close:
      return close();
    case Waiting::for_program:
      return;
  }
}

void Connection::exchange_went_on() { drive(); }

void Connection::run_slice() {
  queued_ = false;
  drive();
}

void Connection::drain() {
  if (stage_ != Stage::reading) return;
  receive();  // a request may have come that nobody has looked at yet
  if (stage_ != Stage::closed) drive();
}

bool Connection::abort() {
  if (!exchange_) {
    const bool idle = stage_ == Stage::reading && parser_.idle() && client_.pending() == 0;
    idle ? close() : cut();
    return !idle;
  }
  exchange_->abort(wcgi::Ending::draining);
  const Exchange::Next next = exchange_->finish();
  host_.give_exchange(std::move(exchange_));
  stage_ = Stage::reading;
  // Whoever has got nothing yet is told why; there is no time for more than a try.
  if (next == Exchange::Next::cut || client_.flush() == ClientStream::Status::broken) {
    cut();
    return true;
  }
  client_.shut_down_sending();
  close();
  return true;
}

void Connection::cut() {
  if (stage_ == Stage::closed) return;
  if (exchange_) {
    exchange_->client_left();
    if (exchange_->done()) {
      exchange_->finish();
      host_.give_exchange(std::move(exchange_));
    }
  }
  // A reset instead of an orderly end: the client must not take what it has got
  // for the whole answer.
  const linger reset{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(client_.fd(), SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
  close();
}

void Connection::close() {
  if (stage_ == Stage::closed) return;
  if (queued_) services_.scheduler.forget(*this, std::nullopt);
  services_.deadlines.cancel(*this);
  services_.loop.unwatch(client_.fd(), *this);
  stage_ = Stage::closed;
  host_.closed(*this);
}

}  // namespace brink::worker
