#pragma once

#include <optional>
#include <string>

#include "base/clock.h"
#include "base/json_line.h"
#include "ipc/metrics.h"

namespace brink::worker {

/// Log lines on their way to the node, through a pipe that never blocks the
/// worker: lines gather until flush(), and are dropped and counted when the node
/// does not read. One thread.
class LogSink {
 public:
  /// `pipe` is non-blocking and not owned.
  LogSink(int pipe, const Clock& clock, ipc::Metrics metrics)
      : pipe_(pipe), clock_(clock), metrics_(metrics) {}

  /// Begins a line with its time and stream ("access", "stderr", "worker"); the
  /// caller adds fields and calls end(), before anything else is logged.
  JsonLine& line(std::string_view stream);

  /// Hands complete lines to the kernel. Called once per turn of the loop.
  void flush();

 private:
  static constexpr std::size_t kMostHeld = std::size_t{1} << 20;

  void bound();

  int pipe_;
  const Clock& clock_;
  ipc::Metrics metrics_;
  std::string held_;          ///< complete lines, but for the first one's beginning
  bool within_line_ = false;  ///< the pipe has got a part of what held_ begins with
  std::optional<JsonLine> current_;
};

}  // namespace brink::worker
