#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "net/event_loop.h"

namespace brink::node {

/// Carries log lines from worker processes to one descriptor (standard error):
/// one pipe per worker, so that lines of different workers never mix within a
/// line, and so that a slow terminal holds up the node only, never a worker.
class LogRelay {
 public:
  /// `target` is not owned.
  LogRelay(net::EventLoop& loop, int target);
  ~LogRelay();

  /// A pipe for one more worker: the end to write to. The relay follows the other
  /// end until all copies of this one are closed.
  Result<UniqueFd> open();

  /// Whole lines, of the node's own or of its workers. Waits a second at most for a
  /// reader; what one that does not read misses is lost.
  void write(std::string_view lines);

  /// Copies what is in the pipes right now, to the end: the last thing a node does.
  void drain();

 private:
  class Source;
  void remove(Source& source);

  net::EventLoop& loop_;
  int target_;
  bool stuck_ = false;  ///< the reader did not read last time
  std::vector<std::unique_ptr<Source>> sources_;
  std::vector<std::unique_ptr<Source>> ended_;
};

}  // namespace brink::node
