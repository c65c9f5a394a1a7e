#pragma once

#include <sys/signalfd.h>

#include <csignal>
#include <functional>
#include <initializer_list>
#include <memory>

#include "base/result.h"
#include "base/unique_fd.h"
#include "net/event_loop.h"

namespace brink::node {

/// Signals of this process as events of the loop. Blocks them for delivery in any
/// other way; children start with none blocked.
class SignalSource final : public net::EventHandler {
 public:
  static Result<std::unique_ptr<SignalSource>> create(net::EventLoop& loop,
                                                      std::initializer_list<int> signals,
                                                      std::function<void(int)> on_signal);
  ~SignalSource() { loop_.unwatch(fd_.get(), *this); }

  void on_events(std::uint32_t events) override;

 private:
  SignalSource(net::EventLoop& loop, UniqueFd fd, std::function<void(int)> on_signal)
      : loop_(loop), fd_(std::move(fd)), on_signal_(std::move(on_signal)) {}

  net::EventLoop& loop_;
  UniqueFd fd_;
  std::function<void(int)> on_signal_;
};

}  // namespace brink::node
