#include "node/log_relay.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <string>
#include <utility>

namespace brink::node {
namespace {

constexpr std::size_t kRead = std::size_t{64} << 10;
constexpr std::size_t kLongestLine = std::size_t{1} << 20;

// How long a reader of the log may hold up the node, and how much is written at a
// time: poll(2) promises room for that much, even in a blocking pipe.
constexpr int kPatienceMs = 1000;
constexpr std::size_t kPiece = PIPE_BUF;

}  // namespace

class LogRelay::Source final : public net::EventHandler {
 public:
  Source(LogRelay& relay, UniqueFd pipe) : relay_(relay), pipe_(std::move(pipe)) {}

  enum class Copied : std::uint8_t { some, nothing, all };

  void on_events(std::uint32_t /*events*/) override {
    if (copy() == Copied::all) relay_.remove(*this);
  }

  /// Copies the complete lines of one read; `all` at the end of the pipe.
  Copied copy() {
    std::array<char, kRead> buffer;
    const ssize_t got = ::read(pipe_.get(), buffer.data(), buffer.size());
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return Copied::nothing;
    if (got <= 0) {
      finish_line();
      return Copied::all;
    }
    partial_.append(buffer.data(), static_cast<std::size_t>(got));
    const std::size_t end = partial_.rfind('\n');
    if (end != std::string::npos) {
      relay_.write(std::string_view(partial_).substr(0, end + 1));
      partial_.erase(0, end + 1);
    }
    // In pieces rather than lost, and never without bound.
    if (partial_.size() > kLongestLine) finish_line();
    return Copied::some;
  }

  /// Writes what there is of a line whose end will not come: as a line, lest the
  /// next one of somebody else run into it.
  void finish_line() {
    if (partial_.empty()) return;
    partial_ += '\n';
    relay_.write(partial_);
    partial_.clear();
  }

  [[nodiscard]] int fd() const { return pipe_.get(); }

 private:
  LogRelay& relay_;
  UniqueFd pipe_;
  std::string partial_;
};

LogRelay::LogRelay(net::EventLoop& loop, int target) : loop_(loop), target_(target) {}

LogRelay::~LogRelay() {
  for (const auto& source : sources_) loop_.unwatch(source->fd(), *source);
}

Result<UniqueFd> LogRelay::open() {
  ended_.clear();
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0) {
    return std::unexpected(errno_error(ErrorCode::resource_exhausted, "pipe2", errno));
  }
  UniqueFd writer(ends[1]);
  auto source = std::make_unique<Source>(*this, UniqueFd(ends[0]));
  TRY_VOID(loop_.watch(source->fd(), EPOLLIN, *source));
  sources_.push_back(std::move(source));
  return writer;
}

void LogRelay::remove(Source& source) {
  loop_.unwatch(source.fd(), source);
  const auto found = std::ranges::find(sources_, &source, &std::unique_ptr<Source>::get);
  ended_.push_back(std::move(*found));
  sources_.erase(found);
}

void LogRelay::write(std::string_view lines) {
  while (!lines.empty()) {
    pollfd target{target_, POLLOUT, 0};
    // Who does not read loses lines instead of stopping the node; it waits once.
    const int ready = ::poll(&target, 1, stuck_ ? 0 : kPatienceMs);
    if (ready < 0 && errno == EINTR) continue;
    stuck_ = ready == 0;
    if (ready <= 0) return;
    const ssize_t written = ::write(target_, lines.data(), std::min(lines.size(), kPiece));
    if (written < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (written <= 0) return;  // nobody will ever read it
    lines.remove_prefix(static_cast<std::size_t>(written));
  }
}

void LogRelay::drain() {
  for (const auto& source : sources_) {
    while (source->copy() == Source::Copied::some) {
    }
    source->finish_line();
  }
}

}  // namespace brink::node
