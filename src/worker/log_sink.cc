#include "worker/log_sink.h"

#include <unistd.h>

#include <algorithm>

namespace brink::worker {

JsonLine& LogSink::line(std::string_view stream) {
  bound();
  current_.emplace(held_);
  return current_->time("time", clock_.wall()).field("stream", stream);
}

void LogSink::bound() {
  if (held_.size() < kMostHeld) return;
  flush();
  if (held_.size() < kMostHeld) return;
  const auto lines = std::count(held_.begin(), held_.end(), '\n');
  metrics_.add(ipc::Counter::log_lines_dropped, static_cast<std::uint64_t>(lines));
  held_.clear();
}

void LogSink::flush() {
  if (held_.empty()) return;
  const ssize_t written = ::write(pipe_, held_.data(), held_.size());
  if (written > 0) held_.erase(0, static_cast<std::size_t>(written));
}

}  // namespace brink::worker
