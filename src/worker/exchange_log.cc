#include "worker/exchange.h"

namespace brink::worker {
namespace {

std::uint64_t microseconds(Duration duration) {
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(duration).count());
}

bool is_limit(wcgi::Ending ending) {
  using enum wcgi::Ending;
  return ending == wall_time || ending == cpu_time || ending == memory || ending == output_limit;
}

}  // namespace

void Exchange::log_failure() {
  services_.metrics.add(is_limit(outcome_.ending) ? ipc::Counter::guest_limit_hits
                                                  : ipc::Counter::guest_failures);
  if (outcome_.ending == wcgi::Ending::client_gone) return;
  JsonLine& line = services_.log.line("runtime")
                       .field("app", services_.app.config.app)
                       .field("request_id", id_.text())
                       .field("outcome", wcgi::label(outcome_.ending))
                       .field("message", wcgi::page_text(outcome_, wcgi::Details::show));
  if (!trap_backtrace_.empty()) line.field("backtrace", trap_backtrace_);
  line.end();
}

/// The answer is complete as far as anyone can tell, yet the program says that
/// something went wrong.
void Exchange::log_exit_code(std::int64_t code) {
  services_.log.line("runtime")
      .field("app", services_.app.config.app)
      .field("request_id", id_.text())
      .field("outcome", wcgi::label(wcgi::Ending::answered))
      .field("exit_code", code)
      .end();
}

void Exchange::log_access() {
  const Duration total = answered_.value_or(services_.loop.refresh_now()) - received_;
  const std::uint64_t sent = client_->total_sent() + client_->pending() - sent_before_;
  ipc::Metrics& metrics = services_.metrics;
  metrics.add(ipc::response_class(status_));
  metrics.add(ipc::Counter::request_bytes, body_.received());
  metrics.add(ipc::Counter::response_bytes, sent);
  metrics.observe(ipc::Timing::request_seconds, total);
  metrics.observe(ipc::Timing::queue_seconds, launched_ - queued_);
  metrics.observe(ipc::Timing::guest_seconds, cpu_.used());
  if (services_.app.config.access_log == launch::LaunchConfig::AccessLog::off) return;
  redirected_ = nullptr;
  const http::RequestHead& request = head();
  services_.log.line("access")
      .field("request_id", id_.text())
      .field("app", services_.app.config.app)
      .field("client", connection_->remote_addr)
      .field("host", request.authority)
      .field("method", request.method)
      .field("path", request.path)
      .field("query", request.query)
      .field("status", std::uint32_t{status_})
      .field("outcome", wcgi::label(outcome_.ending))
      .field("bytes_in", body_.received())
      .field("bytes_out", sent)
      .field("total_us", microseconds(total))
      .field("read_us", microseconds(queued_ - received_))
      .field("queue_us", microseconds(launched_ - queued_))
      .field("cpu_us", microseconds(cpu_.used()))
      .field("worker", services_.app.config.slot)
      .end();
}

}  // namespace brink::worker
