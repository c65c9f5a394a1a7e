#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <thread>

#include "base/result.h"
#include "base/unique_fd.h"
#include "net/event_loop.h"
#include "node/prepared_app.h"

namespace brink::node {

/// Prepares a version of the program on a thread of its own, because compiling
/// takes seconds, in which the loop has dead workers to replace and logs to carry.
/// All calls and the outcome belong to the loop's thread.
class Preparation final : public net::EventHandler {
 public:
  /// Runs on the other thread; should end soon once `cancelled` is set.
  using Work = std::function<Result<PreparedApp>(const std::atomic<bool>& cancelled)>;
  using Done = std::function<void(Result<PreparedApp>)>;

  static Result<std::unique_ptr<Preparation>> create(net::EventLoop& loop, Work work, Done done);
  /// Cancels, and waits for the end of what is under way.
  ~Preparation();

  /// Begins. While one is under way, what it has read may be out of date: then one
  /// more follows it, however often this was called.
  void begin();
  /// Nothing is begun or reported any more.
  void cancel();
  [[nodiscard]] bool under_way() const { return thread_.joinable(); }

  void on_events(std::uint32_t events) override;

 private:
  Preparation(net::EventLoop& loop, UniqueFd finished, Work work, Done done)
      : loop_(loop),
        finished_(std::move(finished)),
        work_(std::move(work)),
        done_(std::move(done)) {}

  net::EventLoop& loop_;
  UniqueFd finished_;  ///< an eventfd
  Work work_;
  Done done_;
  bool watched_ = false;
  bool once_more_ = false;
  std::atomic<bool> cancelled_ = false;
  std::optional<Result<PreparedApp>> result_;  ///< the thread's until it has ended
  std::thread thread_;
};

}  // namespace brink::node
