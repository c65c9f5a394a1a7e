#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "ipc/messages.h"
#include "worker/connection.h"
#include "worker/services.h"
#include "worker/timed.h"

namespace brink::worker {

/// The worker's listening sockets and all connections that came from them.
class Server final : public ConnectionHost {
 public:
  /// `listeners` are non-blocking. `most_connections` keeps the process below its
  /// limit of descriptors: beyond it new connections wait in the kernel's queue, as
  /// they do for kPause when the machine has no descriptor or memory for them.
  static constexpr Duration kPause = std::chrono::milliseconds(100);

  Server(Services& services, std::vector<UniqueFd> listeners, std::size_t most_connections);
  ~Server();

  Result<void> start();

  /// Takes no new connections and lets each close after its current request; idle
  /// ones at once, or after one more request if a successor serves the sockets.
  void drain(ipc::Drain::Successor successor);
  [[nodiscard]] std::size_t open() const { return connections_.size(); }
  /// Cuts every connection off; returns how many had a request in flight.
  std::size_t abort_all();

  /// Destroys what closed since the last call: once per turn of the loop, when
  /// none of it is on the call stack.
  void sweep() { closed_.clear(); }

 private:
  class Listener final : public net::EventHandler {
   public:
    Listener(Server& server, UniqueFd socket) : server_(server), socket_(std::move(socket)) {}
    void on_events(std::uint32_t events) override;
    [[nodiscard]] int fd() const { return socket_.get(); }

   private:
    Server& server_;
    UniqueFd socket_;
  };

  /// Ends a time without accepting.
  struct Pause final : Timed {
    explicit Pause(Server& owner) : server(owner) {}
    void on_deadline() override { server.accept_again(); }
    Server& server;
  };

  std::unique_ptr<Exchange> take_exchange() override;
  void give_exchange(std::unique_ptr<Exchange> exchange) override;
  void closed(Connection& connection) override;
  [[nodiscard]] bool draining() const override { return stage_ == Stage::draining; }
  [[nodiscard]] bool closes_idle() const override { return closes_idle_; }

  enum class Stage : std::uint8_t { stopped, accepting, full, draining };

  void close_listeners(ipc::Drain::Successor successor);
  bool accept_one(int listener);
  void set_accepting(std::uint32_t events);
  void accept_again();
  void pause(int why);

  Services& services_;
  std::vector<std::unique_ptr<Listener>> listeners_;
  std::size_t most_connections_;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::vector<std::unique_ptr<Connection>> closed_;
  std::vector<std::unique_ptr<Exchange>> spare_;
  Stage stage_ = Stage::stopped;
  bool closes_idle_ = false;
  Pause pause_{*this};
  MonotonicTime next_notice_{};  ///< a log line per kNoticeEvery is enough
};

}  // namespace brink::worker
