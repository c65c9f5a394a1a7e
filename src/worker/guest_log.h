#pragma once

#include <string>
#include <string_view>

#include "wasi/stream.h"
#include "worker/log_sink.h"

namespace brink::worker {

/// A program's standard error: one log line per line it writes, with the request
/// it belongs to. Lines are cut at kLongest, and after kMost bytes per request
/// the rest is swallowed, with a line that says so.
class GuestLog final : public wasi::OutputStream {
 public:
  static constexpr std::size_t kLongest = 4096;
  static constexpr std::size_t kMost = std::size_t{1} << 20;

  explicit GuestLog(LogSink& sink) : sink_(sink) {}

  /// `app` and `request_id` outlive the request.
  void begin(std::string_view app, std::string_view request_id);

  wasi::Outcome<std::uint64_t> try_write(
      std::span<const wasi::ConstBytes> buffers) noexcept override;
  wasi::Readiness room() noexcept override;
  void add_wait(wasm::WaitSet& /*wait*/) noexcept override {}

  /// Logs what stands on a line that was not ended.
  void finish();

  /// The last lines written, for an error page's details.
  [[nodiscard]] std::string_view tail() const { return tail_; }

 private:
  void take(std::string_view bytes);
  void write_line(std::string_view line);

  LogSink& sink_;
  std::string_view app_;
  std::string_view request_id_;
  std::string partial_;
  std::string tail_;
  std::size_t total_ = 0;
};

}  // namespace brink::worker
