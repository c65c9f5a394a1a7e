#pragma once

#include <cstdint>
#include <optional>

#include "worker/server.h"
#include "worker/services.h"

namespace brink::worker {

/// What a worker does in which order: its event loop's turns. One thread.
class Schedule {
 public:
  Schedule(Services& services, Server& server) : services_(services), server_(server) {}

  /// Waits for events until something is due, for at most `longest`, and does what
  /// there is to do; of the guests that compute, one slice of one.
  void turn(std::optional<Duration> longest);

 private:
  [[nodiscard]] std::optional<Duration> time_to_wait() const;
  void recheck();

  Services& services_;
  Server& server_;
  MonotonicTime next_recheck_{};
  std::uint32_t rechecks_ = 0;  ///< in vain, one after the other
};

}  // namespace brink::worker
