#pragma once

#include "net/deadline_queue.h"

namespace brink::worker {

/// What has a coarse deadline in the worker's queue.
class Timed : public net::DeadlineEntry {
 public:
  virtual void on_deadline() = 0;

 protected:
  ~Timed() = default;
};

}  // namespace brink::worker
