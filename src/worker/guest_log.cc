#include "worker/guest_log.h"

namespace brink::worker {
namespace {

constexpr std::size_t kTail = 2048;

}  // namespace

void GuestLog::begin(std::string_view app, std::string_view request_id) {
  app_ = app;
  request_id_ = request_id;
  partial_.clear();
  tail_.clear();
  total_ = 0;
}

wasi::Outcome<std::uint64_t> GuestLog::try_write(
    std::span<const wasi::ConstBytes> buffers) noexcept {
  std::uint64_t total = 0;
  for (const wasi::ConstBytes buffer : buffers) {
    take({reinterpret_cast<const char*>(buffer.data()), buffer.size()});
    total += buffer.size();
  }
  return total;
}

void GuestLog::take(std::string_view bytes) {
  const bool had_room = total_ <= kMost;
  total_ += bytes.size();
  if (total_ > kMost) {
    if (had_room) write_line("(further standard error output of this request is not logged)");
    return;
  }
  tail_.append(bytes);
  if (tail_.size() > 2 * kTail) tail_.erase(0, tail_.size() - kTail);
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    const std::string_view piece = bytes.substr(0, end);
    partial_.append(piece.substr(0, kLongest - std::min(kLongest, partial_.size())));
    if (end == std::string_view::npos) return;
    write_line(partial_);
    partial_.clear();
    bytes.remove_prefix(end + 1);
  }
}

void GuestLog::write_line(std::string_view line) {
  sink_.line("stderr")
      .field("app", app_)
      .field("request_id", request_id_)
      .field("line", line)
      .end();
}

void GuestLog::finish() {
  if (!partial_.empty()) write_line(partial_);
  partial_.clear();
}

wasi::Readiness GuestLog::room() noexcept { return {wasi::Readiness::State::ready, kLongest}; }

}  // namespace brink::worker
