#include "node/log_relay.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>
#include <utility>

namespace brink::node {
namespace {

constexpr std::size_t kRead = std::size_t{64} << 10;
constexpr std::size_t kLongestLine = std::size_t{1} << 20;

void write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;  // nobody reads the log: nothing can be done about it
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

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
      write_all(relay_.target_, std::string_view(partial_).substr(0, end + 1));
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
    write_all(relay_.target_, partial_);
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

void LogRelay::write(std::string_view line) { write_all(target_, line); }

void LogRelay::drain() {
  for (const auto& source : sources_) {
    while (source->copy() == Source::Copied::some) {
    }
    source->finish_line();
  }
}

}  // namespace brink::node
