#include "node/admin_server.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <utility>

#include "http/error_page.h"
#include "http/request_parser.h"
#include "http/response_writer.h"

namespace brink::node {
namespace {

constexpr std::size_t kMostHead = std::size_t{16} << 10;

std::string page(std::uint16_t status, std::string_view type, std::string_view body,
                 const http::Exchange& exchange, std::string_view date_line) {
  std::string out;
  http::HeadWriter writer(out, status);
  writer.field("Content-Type", type);
  const auto framing =
      http::decide_framing(exchange, status, body.size(), http::Persistence::close);
  if (!writer.finish(framing, date_line)) return {};
  if (framing.body == http::AnswerBody::length) out.append(body);
  return out;
}

}  // namespace

class AdminServer::Listener final : public net::EventHandler {
 public:
  Listener(AdminServer& server, UniqueFd socket) : server_(server), socket_(std::move(socket)) {}
  void on_events(std::uint32_t /*events*/) override { server_.accept_one(); }
  [[nodiscard]] int fd() const { return socket_.get(); }

 private:
  AdminServer& server_;
  UniqueFd socket_;
};

class AdminServer::Client final : public net::EventHandler {
 public:
  Client(AdminServer& server, UniqueFd socket, MonotonicTime deadline)
      : server_(server), socket_(std::move(socket)), deadline_(deadline), parser_(limits()) {}

  void on_events(std::uint32_t /*events*/) override {
    const bool goes_on = answered_ ? discard() : output_.empty() ? receive() : send();
    if (!goes_on) server_.remove(*this);
  }
  [[nodiscard]] int fd() const { return socket_.get(); }
  [[nodiscard]] MonotonicTime deadline() const { return deadline_; }

 private:
  static http::RequestLimits limits() {
    http::RequestLimits limits;
    limits.max_header_bytes = ByteSize(kMostHead / 2);
    limits.max_body = ByteSize(0);
    return limits;
  }

  bool receive() {
    std::array<char, 4096> piece;
    const ssize_t got = ::recv(socket_.get(), piece.data(), piece.size(), 0);
    if (got < 0) return errno == EAGAIN || errno == EINTR;
    if (got == 0) return false;
    input_.append(piece.data(), static_cast<std::size_t>(got));
    const auto parsed = parser_.parse(input_);
    const auto date = server_.dates_.field_line(server_.loop_.clock().wall());
    if (!parsed) {
      http::append_error_page(output_, parsed.error(), {}, http::Persistence::close, date);
    } else if (*parsed != nullptr) {
      output_ = server_.answer(**parsed);
    } else {
      return input_.size() < kMostHead;
    }
    server_.loop_.change(socket_.get(), EPOLLOUT, *this);
    return true;
  }

  bool send() {
    const ssize_t sent = ::send(socket_.get(), output_.data(), output_.size(), MSG_NOSIGNAL);
    if (sent < 0) return errno == EAGAIN || errno == EINTR;
    output_.erase(0, static_cast<std::size_t>(sent));
    if (!output_.empty()) return true;
    // Closed only after the client has: input nobody has read would make the
    // kernel send a reset, which can overtake the answer.
    answered_ = true;
    ::shutdown(socket_.get(), SHUT_WR);
    server_.loop_.change(socket_.get(), EPOLLIN, *this);
    return true;
  }

  bool discard() {
    std::array<char, 4096> piece;
    const ssize_t got = ::recv(socket_.get(), piece.data(), piece.size(), 0);
    return got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR));
  }

  AdminServer& server_;
  UniqueFd socket_;
  MonotonicTime deadline_;
  http::RequestParser parser_;
  std::string input_;
  std::string output_;
  bool answered_ = false;
};

AdminServer::AdminServer(net::EventLoop& loop, UniqueFd listener,
                         std::function<std::string()> metrics, std::function<bool()> healthy)
    : loop_(loop),
      metrics_(std::move(metrics)),
      healthy_(std::move(healthy)),
      listener_(std::make_unique<Listener>(*this, std::move(listener))) {}

AdminServer::~AdminServer() {
  for (const auto& client : clients_) loop_.unwatch(client->fd(), *client);
  loop_.unwatch(listener_->fd(), *listener_);
}

Result<void> AdminServer::start() { return loop_.watch(listener_->fd(), EPOLLIN, *listener_); }

void AdminServer::accept_one() {
  UniqueFd socket(::accept4(listener_->fd(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (!socket && (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)) {
    // The connection waits in the kernel's queue, and the listener stays readable:
    // watching it would keep the node busy for nothing.
    loop_.change(listener_->fd(), 0, *listener_);
    paused_until_ = loop_.now() + kPause;
  }
  if (!socket || clients_.size() >= kMost) return;
  auto client = std::make_unique<Client>(*this, std::move(socket), loop_.now() + kTime);
  if (loop_.watch(client->fd(), EPOLLIN, *client)) clients_.push_back(std::move(client));
}

void AdminServer::remove(Client& client) {
  loop_.unwatch(client.fd(), client);
  const auto found = std::ranges::find(clients_, &client, &std::unique_ptr<Client>::get);
  ended_.push_back(std::move(*found));
  clients_.erase(found);
}

std::string AdminServer::answer(const http::RequestHead& request) {
  const auto exchange = http::Exchange::of(request);
  const auto date = dates_.field_line(loop_.clock().wall());
  const auto refuse = [&](ErrorCode code, const char* why) {
    static const std::array allow = {http::Field{"Allow", "GET, HEAD"}};
    http::ErrorPageOptions options;
    if (code == ErrorCode::method_not_allowed) options.fields = allow;
    std::string out;
    http::append_error_page(out, {code, why, {}}, exchange, http::Persistence::close, date,
                            options);
    return out;
  };
  if (request.method != "GET" && request.method != "HEAD") {
    return refuse(ErrorCode::method_not_allowed, "only GET and HEAD are allowed here");
  }
  if (request.path == "/metrics") {
    return page(200, "text/plain; version=0.0.4", metrics_(), exchange, date);
  }
  if (request.path == "/healthz") {
    return healthy_() ? page(200, "text/plain", "ok\n", exchange, date)
                      : page(503, "text/plain", "not serving\n", exchange, date);
  }
  return refuse(ErrorCode::not_found, "there is /metrics and /healthz");
}

std::optional<MonotonicTime> AdminServer::tick() {
  ended_.clear();
  if (paused_until_ && loop_.now() >= *paused_until_) {
    paused_until_.reset();
    loop_.change(listener_->fd(), EPOLLIN, *listener_);
  }
  std::optional<MonotonicTime> next = paused_until_;
  for (std::size_t i = clients_.size(); i-- > 0;) {
    const MonotonicTime deadline = clients_[i]->deadline();
    if (deadline <= loop_.now()) {
      // Gone at once, not at the next call: nothing may happen for long.
      loop_.unwatch(clients_[i]->fd(), *clients_[i]);
      clients_.erase(clients_.begin() + static_cast<std::ptrdiff_t>(i));
    } else if (!next || deadline < *next) {
      next = deadline;
    }
  }
  return next;
}

}  // namespace brink::node
