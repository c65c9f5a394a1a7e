#pragma once

#include <cstdint>
#include <optional>

#include "http/request_parser.h"
#include "wasi/files/file_space.h"
#include "wasi/guest_time.h"
#include "wasi/process.h"
#include "wasm/guest.h"
#include "wcgi/outcome.h"
#include "wcgi/redirect.h"
#include "worker/answer.h"
#include "worker/body_spool.h"
#include "worker/cpu_meter.h"
#include "worker/descriptor_watch.h"
#include "worker/guest_log.h"
#include "worker/request_body.h"
#include "worker/services.h"

namespace brink::worker {

/// Whoever an exchange belongs to: told when it went on by itself.
class ExchangeOwner {
 public:
  virtual void exchange_went_on() = 0;

 protected:
  ~ExchangeOwner() = default;
};

/// One request and the instance that answers it: body and environment in, head,
/// body and log out, limits on the way, and what to say when it ends badly. An
/// object serves one request after the other; used by one thread; not movable.
///
/// Its owner feeds it events (client_…) and asks done() after each; it calls the
/// owner only for what happens apart from those.
class Exchange final : private Admittee,
                       private Runnable,
                       private DiskCustomer,
                       private DescriptorWatch::Owner,
                       private wasi::GuestTime,
                       private wasm::MemoryGate {
 public:
  explicit Exchange(Services& services);
  ~Exchange() override;

  struct Request {
    ClientStream& client;         ///< its input begins with the head
    http::RequestParser& parser;  ///< has parsed that head
    const wcgi::ConnectionInfo& connection;
    http::Persistence wanted;  ///< close: this is the connection's last request
    MonotonicTime received;    ///< when its first byte came
  };

  /// Takes a request and goes as far as it can without waiting.
  void begin(const Request& request, ExchangeOwner& owner);

  /// More of the body, or its end, has come.
  void client_sent();
  /// The client has taken some of the answer.
  void client_took();
  /// The connection is gone: nobody will see the answer.
  void client_left();
  /// Ends the request from outside, with an answer if none has begun.
  void abort(wcgi::Ending ending);

  [[nodiscard]] bool done() const { return stage_ == Stage::done; }
  [[nodiscard]] const RequestBody& body() const { return body_; }

  /// Once done: how the connection goes on.
  enum class Next : std::uint8_t {
    keep,   ///< ready for another request
    close,  ///< after what is in the output has been sent
    cut,    ///< by a reset: the end of an incomplete answer would not show otherwise
  };
  /// Logs the request, takes it out of the connection's buffer and returns to the
  /// idle state.
  Next finish();

 private:
  enum class Stage : std::uint8_t {
    idle,
    collecting,
    queued,
    running,
    dropping,  ///< the answer is complete; a short rest of the body is read past
    done,
  };

  // What others call.
  void admitted(ipc::Permit permit) override;
  void on_deadline() override;
  void run_slice() override;
  void disk_answered() override;
  void descriptor_ready() override;
  [[nodiscard]] Duration process_cpu() const noexcept override { return cpu_.used(); }
  [[nodiscard]] Duration thread_cpu() const noexcept override { return cpu_.used(); }
  Growth may_grow(std::uint64_t current, std::uint64_t desired) noexcept override;

  void collect();
  void invite_body();
  void prepare();
  void take_arguments();
  void begin_answer();
  void launch();
  void run();
  void run_or_queue();
  void queue();
  void after_slice();
  void await();
  void conclude();
  void redirect();
  void end(wcgi::Outcome outcome);
  void end(wcgi::Outcome outcome, const Error& page);
  void answer_with_error(const Error& error);
  void settle_body();
  void complete();
  void drop_body();
  void release_guest();
  void release_memory();
  /// What the program is asked: the client's head, or that of a local redirect.
  [[nodiscard]] const http::RequestHead& head();
  [[nodiscard]] const http::RequestHead& client_head();
  [[nodiscard]] wcgi::BodyLength body_length();
  [[nodiscard]] bool spools(const http::RequestHead& head) const;
  void log_access();
  void log_failure();
  void log_exit_code(std::int64_t code);

  Services& services_;
  ExchangeOwner* owner_ = nullptr;
  ClientStream* client_ = nullptr;
  http::RequestParser* parser_ = nullptr;
  const wcgi::ConnectionInfo* connection_ = nullptr;
  http::Exchange facts_;
  http::Persistence wanted_ = http::Persistence::keep_alive;
  Stage stage_ = Stage::idle;
  RequestId id_;

  RequestBody body_;
  BodySpool spool_;
  bool spooled_ = false;
  Answer answer_;
  GuestLog log_;
  wasi::StringBlock environment_;
  const wasi::StringBlock* arguments_ = nullptr;
  wasi::StringBlock own_arguments_;  ///< of a request whose query becomes arguments
  wcgi::LocalRedirects redirects_;
  const http::RequestHead* redirected_ = nullptr;

  GuestDisk disk_;
  DescriptorWatch descriptors_;
  std::optional<wasi::files::FileSpace> files_;
  std::optional<wasi::Process> process_;
  wasm::Guest guest_;
  std::optional<ipc::Permit> permit_;
  bool has_big_memory_ = false;
  bool in_run_queue_ = false;
  std::optional<MonotonicTime> sleeping_until_;

  wcgi::Outcome outcome_;
  http::Persistence persistence_ = http::Persistence::close;
  std::string trap_backtrace_;
  std::uint16_t status_ = 0;
  CpuMeter cpu_;
  MonotonicTime received_, queued_, launched_;
  std::optional<MonotonicTime> answered_;  ///< if it was not done with that
  std::uint64_t dropped_from_ = 0;
  std::uint64_t sent_before_ = 0;
};

}  // namespace brink::worker
