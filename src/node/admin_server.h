#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "http/date_cache.h"
#include "http/request.h"
#include "net/event_loop.h"

namespace brink::node {

/// The node's own small HTTP server, on an address apart from the public ones:
/// GET /metrics for Prometheus, GET /healthz. One request per connection, at most
/// kMost connections, kTime for each. Out of descriptors, it rests for kPause.
class AdminServer {
 public:
  static constexpr std::size_t kMost = 32;
  static constexpr Duration kTime = std::chrono::seconds(5);
  static constexpr Duration kPause = std::chrono::milliseconds(200);

  /// `metrics` and `healthy` are asked when a request comes.
  AdminServer(net::EventLoop& loop, UniqueFd listener, std::function<std::string()> metrics,
              std::function<bool()> healthy);
  ~AdminServer();

  Result<void> start();
  /// Closes connections that have taken too long, accepts again after a rest;
  /// returns when to call it next.
  std::optional<MonotonicTime> tick();

 private:
  class Listener;
  class Client;

  void accept_one();
  void remove(Client& client);
  std::string answer(const http::RequestHead& request);

  net::EventLoop& loop_;
  std::function<std::string()> metrics_;
  std::function<bool()> healthy_;
  http::DateCache dates_;
  std::unique_ptr<Listener> listener_;
  std::optional<MonotonicTime> paused_until_;
  std::vector<std::unique_ptr<Client>> clients_;
  std::vector<std::unique_ptr<Client>> ended_;
};

}  // namespace brink::node
