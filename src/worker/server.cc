#include "worker/server.h"

#include <sys/socket.h>

#include <cerrno>
#include <utility>

namespace brink::worker {
namespace {

// Connections taken per look at a listener: the others get their turn, too.
constexpr int kAcceptsPerTurn = 16;
constexpr std::size_t kMostSpare = 256;
constexpr Duration kNoticeEvery = std::chrono::minutes(1);

}  // namespace

Server::Server(Services& services, std::vector<UniqueFd> listeners, std::size_t most_connections)
    : services_(services), most_connections_(most_connections) {
  for (UniqueFd& socket : listeners) {
    listeners_.push_back(std::make_unique<Listener>(*this, std::move(socket)));
  }
}

Server::~Server() {
  abort_all();
  services_.deadlines.cancel(pause_);
  for (const auto& listener : listeners_) {
    if (stage_ != Stage::stopped) services_.loop.unwatch(listener->fd(), *listener);
  }
}

Result<void> Server::start() {
  for (const auto& listener : listeners_) {
    TRY_VOID(services_.loop.watch(listener->fd(), EPOLLIN, *listener));
  }
  stage_ = Stage::accepting;
  return {};
}

void Server::set_accepting(std::uint32_t events) {
  for (const auto& listener : listeners_) {
    services_.loop.change(listener->fd(), events, *listener);
  }
}

void Server::accept_again() {
  if (stage_ != Stage::full) return;
  services_.deadlines.cancel(pause_);
  stage_ = Stage::accepting;
  set_accepting(EPOLLIN);
}

/// The kernel has nothing for another connection, which stays in its queue; the
/// listening socket stays readable, and watching it would spin. What is short may
/// be held by anybody, so that time ends this as well as a connection that closes.
void Server::pause(int why) {
  stage_ = Stage::full;
  set_accepting(0);
  services_.deadlines.schedule(pause_, services_.loop.now() + kPause);
  services_.metrics.add(ipc::Counter::accept_pauses);
  if (services_.loop.now() < next_notice_) return;
  next_notice_ = services_.loop.now() + kNoticeEvery;
  services_.log.line("worker")
      .field("event", "accept_paused")
      .field("worker", services_.app.config.slot)
      .field("detail", errno_error(ErrorCode::resource_exhausted, "accept", why).text())
      .end();
}

void Server::Listener::on_events(std::uint32_t /*events*/) {
  for (int i = 0; i < kAcceptsPerTurn; ++i) {
    if (server_.stage_ != Stage::accepting || !server_.accept_one(socket_.get())) return;
  }
}

bool Server::accept_one(int listener) {
  sockaddr_storage address{};
  socklen_t size = sizeof(address);
  UniqueFd socket(::accept4(listener, reinterpret_cast<sockaddr*>(&address), &size,
                            SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (!socket) {
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) pause(errno);
    return false;
  }
  services_.metrics.add(ipc::Counter::connections_accepted);
  const auto peer = net::SocketAddress::from(address, size);
  const auto local = net::SocketAddress::local(socket.get());
  if (!peer || !local) return true;  // it went away meanwhile
  auto connection =
      std::make_unique<Connection>(services_, *this, std::move(socket), *peer, *local);
  if (!connection->start()) {
    services_.metrics.add(ipc::Counter::connections_refused);
    return true;
  }
  connection->position = connections_.size();
  connections_.push_back(std::move(connection));
  if (connections_.size() >= most_connections_) {
    stage_ = Stage::full;
    set_accepting(0);
  }
  return true;
}

std::unique_ptr<Exchange> Server::take_exchange() {
  if (spare_.empty()) return std::make_unique<Exchange>(services_);
  auto exchange = std::move(spare_.back());
  spare_.pop_back();
  return exchange;
}

void Server::give_exchange(std::unique_ptr<Exchange> exchange) {
  if (spare_.size() < kMostSpare) spare_.push_back(std::move(exchange));
}

void Server::closed(Connection& connection) {
  const std::size_t position = connection.position;
  closed_.push_back(std::move(connections_[position]));
  if (position + 1 != connections_.size()) {
    connections_[position] = std::move(connections_.back());
    connections_[position]->position = position;
  }
  connections_.pop_back();
  accept_again();
}

void Server::close_listeners(ipc::Drain::Successor successor) {
  if (stage_ == Stage::stopped) return;
  services_.deadlines.cancel(pause_);
  stage_ = Stage::accepting;
  for (const auto& listener : listeners_) {
    // With nobody to follow, what is queued has to be served here: closing the
    // last copy of the socket would reset it.
    while (successor == ipc::Drain::Successor::none && stage_ == Stage::accepting &&
           accept_one(listener->fd())) {
    }
  }
  for (const auto& listener : listeners_) services_.loop.unwatch(listener->fd(), *listener);
  listeners_.clear();
}

void Server::drain(ipc::Drain::Successor successor) {
  if (stage_ != Stage::draining) close_listeners(successor);
  stage_ = Stage::draining;
  if (successor == ipc::Drain::Successor::serves) return;
  closes_idle_ = true;
  // Each may close, and let others go on that close: the list changes meanwhile,
  // while what is closed stays until the next sweep.
  std::vector<Connection*> all;
  all.reserve(connections_.size());
  for (const auto& connection : connections_) all.push_back(connection.get());
  for (Connection* connection : all) connection->drain();
}

std::size_t Server::abort_all() {
  std::size_t count = 0;
  while (!connections_.empty()) count += connections_.back()->abort() ? 1 : 0;
  sweep();
  return count;
}

}  // namespace brink::worker
