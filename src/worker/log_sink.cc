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
  // The rest of a line that the node has begun to read stays.
  const std::size_t rest = within_line_ ? held_.find('\n') + 1 : 0;
  const auto first = held_.begin() + static_cast<std::ptrdiff_t>(rest);
  const auto lines = std::count(first, held_.end(), '\n');
  metrics_.add(ipc::Counter::log_lines_dropped, static_cast<std::uint64_t>(lines));
  held_.erase(first, held_.end());
}

void LogSink::flush() {
  if (held_.empty()) return;
  const ssize_t written = ::write(pipe_, held_.data(), held_.size());
  if (written <= 0) return;
  const auto size = static_cast<std::size_t>(written);
  within_line_ = held_[size - 1] != '\n';
  held_.erase(0, size);
}

}  // namespace brink::worker
