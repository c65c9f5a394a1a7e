#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "http/request_parser.h"
#include "net/event_loop.h"
#include "net/socket_address.h"
#include "wcgi/environment.h"
#include "worker/client_stream.h"
#include "worker/exchange.h"
#include "worker/timed.h"

namespace brink::worker {

class Connection;

/// Where connections come from and go to.
class ConnectionHost {
 public:
  /// An exchange for the connection's requests, until give_exchange().
  virtual std::unique_ptr<Exchange> take_exchange() = 0;
  virtual void give_exchange(std::unique_ptr<Exchange> exchange) = 0;
  /// The connection has closed: it may be destroyed once the current event has
  /// been dealt with.
  virtual void closed(Connection& connection) = 0;
  /// Whether the worker drains: each connection closes after its current request.
  [[nodiscard]] virtual bool draining() const = 0;
  /// Whether those without a request have to close now.
  [[nodiscard]] virtual bool closes_idle() const = 0;

 protected:
  ~ConnectionHost() = default;
};

/// One client connection: reads requests one after the other (pipelined ones
/// wait in the buffer), lets an Exchange answer each, and minds how long the
/// client takes over its part. Used by one thread; destroyed by its host.
class Connection final : private net::EventHandler,
                         private Timed,
                         private ExchangeOwner,
                         private Runnable {
 public:
  Connection(Services& services, ConnectionHost& host, UniqueFd socket,
             const net::SocketAddress& peer, const net::SocketAddress& local);
  ~Connection();

  /// Begins to read. Fails when the kernel can't watch another descriptor.
  Result<void> start();

  /// The worker drains, and closes_idle(): answers what has come, then closes.
  void drain();
  /// Ends whatever is in flight; false if nothing was.
  bool abort();

  /// Where it is in its host's list.
  std::size_t position = 0;

 private:
  enum class Stage : std::uint8_t {
    reading,    ///< for a request's head; idle between requests, too
    serving,    ///< an exchange is under way
    lingering,  ///< the last answer is sent; waits for the client to close
    closed,
  };
  enum class Waiting : std::uint8_t {
    for_head,
    for_request,
    for_body,
    for_program,  ///< without a limit of the connection's own
    for_room,
    for_close,
  };

  void on_events(std::uint32_t events) override;
  void on_deadline() override;
  void exchange_went_on() override;
  void run_slice() override;

  void receive();
  void drive();
  bool parse_request();
  void begin_exchange();
  bool end_exchange();
  void refuse(const Error& error);
  bool flush();
  void close_after_answer();
  void settle();
  void update_interest();
  void update_deadline();
  void close();
  void cut();

  Services& services_;
  ConnectionHost& host_;
  ClientStream client_;
  http::RequestParser parser_;
  std::string remote_addr_, local_addr_;
  wcgi::ConnectionInfo info_;
  std::unique_ptr<Exchange> exchange_;
  Stage stage_ = Stage::reading;
  std::uint32_t interest_ = 0;
  std::uint32_t served_in_a_row_ = 0;
  bool queued_ = false;  ///< in the scheduler, to go on with pipelined requests
  bool close_when_sent_ = false;
  bool blocked_ = false;  ///< output waits for the client
  std::uint64_t sent_at_deadline_ = 0;
  std::uint64_t received_at_deadline_ = 0;
  std::uint64_t received_ = 0;
  std::uint64_t requests_ = 0;
  Waiting waiting_ = Waiting::for_request;
  MonotonicTime request_began_;
};

}  // namespace brink::worker
