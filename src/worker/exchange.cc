#include "worker/exchange.h"

#include <array>
#include <utility>

#include "base/check.h"
#include "http/error_page.h"
#include "http/response_writer.h"

namespace brink::worker {
namespace {

// How soon a guest that waits for memory asks again: what other workers give
// back is not announced.
constexpr Duration kRetry = std::chrono::milliseconds(5);

wcgi::Dialect dialect_of(const launch::LaunchConfig& config) {
  return config.dialect == package::Dialect::json ? wcgi::Dialect::json : wcgi::Dialect::rfc3875;
}

}  // namespace

Exchange::Exchange(Services& services)
    : services_(services),
      spool_(services.spools),
      answer_(services.dates, services.loop.clock()),
      log_(services.log),
      disk_(services.disk, *this),
      descriptors_(services.loop, *this),
      cpu_(services.loop.clock()) {}

Exchange::~Exchange() { BRINK_CHECK(stage_ == Stage::idle); }

const http::RequestHead& Exchange::head() {
  return redirected_ != nullptr ? *redirected_ : client_head();
}

const http::RequestHead& Exchange::client_head() {
  // The buffer may have moved since; the parser's views follow it.
  const auto parsed = parser_->parse(client_->input().view());
  BRINK_CHECK(parsed && *parsed != nullptr);
  return **parsed;
}

bool Exchange::spools(const http::RequestHead& head) const {
  return head.framing == http::BodyFraming::chunked &&
         services_.app.config.wcgi.request_body == package::WcgiOptions::RequestBody::spool;
}

void Exchange::begin(const Request& request, ExchangeOwner& owner) {
  BRINK_CHECK(stage_ == Stage::idle);
  owner_ = &owner;
  client_ = &request.client;
  parser_ = &request.parser;
  connection_ = &request.connection;
  wanted_ = request.wanted;
  received_ = request.received;
  queued_ = launched_ = services_.loop.now();
  sent_before_ = client_->total_sent() + client_->pending();
  id_ = services_.request_ids.next();
  outcome_ = {};
  trap_backtrace_.clear();
  status_ = 0;
  answered_.reset();
  cpu_.reset();
  redirects_.reset();
  redirected_ = nullptr;
  services_.metrics.add(ipc::Counter::requests_total);
  services_.metrics.change(ipc::Gauge::requests_active, 1);

  const http::RequestHead& head = this->head();
  facts_ = http::Exchange::of(head);
  body_.begin(*client_, head, services_.app.request_limits);
  begin_answer();
  log_.begin(services_.app.config.app, id_.text());
  spooled_ = spools(head);
  if (spooled_) {
    spool_.begin(services_.app.spool());
    stage_ = Stage::collecting;
    collect();
  } else {
    prepare();
  }
}

void Exchange::collect() {
  std::array<std::byte, 16384> piece;
  const std::array<wasi::MutableBytes, 1> buffers = {wasi::MutableBytes(piece)};
  for (;;) {
    const auto got = body_.try_read(buffers);
    if (!got && got.error() == wasi::Errno::again) return invite_body();
    if (!got) return answer_with_error(*body_.error());
    if (*got == 0) return prepare();
    const auto kept = spool_.append({reinterpret_cast<const char*>(piece.data()), *got});
    if (!kept) return answer_with_error(kept.error());
  }
}

void Exchange::invite_body() {
  // An interim answer cannot come after the beginning of the final one.
  if (body_.take_invitation() && !answer_.committed()) client_->output().append(http::kContinue);
}

wcgi::BodyLength Exchange::body_length() {
  if (redirected_ != nullptr) return wcgi::BodyLength::none();
  if (spooled_) return wcgi::BodyLength::known(spool_.size());
  const http::RequestHead& request = head();
  switch (request.framing) {
    case http::BodyFraming::none:
      return wcgi::BodyLength::none();
    case http::BodyFraming::chunked:
      return wcgi::BodyLength::streaming();
    case http::BodyFraming::length:
      break;
  }
  return wcgi::BodyLength::known(request.content_length);
}

void Exchange::prepare() {
  if (redirected_ == nullptr) queued_ = launched_ = services_.loop.now();
  const auto built =
      services_.app.environment.build(head(), *connection_, body_length(), environment_);
  if (!built) return answer_with_error(built.error());
  if (services_.app.config.dialect == package::Dialect::json) {
    std::string scratch;
    const bool pass =
        services_.app.config.wcgi.authorization == package::WcgiOptions::Authorization::pass;
    wcgi::add_request_json(environment_, head(), body_length(),
                           pass ? wcgi::Credentials::pass : wcgi::Credentials::withhold, scratch);
  }
  take_arguments();
  stage_ = Stage::queued;
  if (const auto permit = services_.waiting_room.enter()) return admitted(*permit);
  if (!services_.waiting_room.wait(*this)) {
    services_.metrics.add(ipc::Counter::queue_rejected);
    return end({.ending = wcgi::Ending::queue_full, .detail = {}});
  }
  services_.metrics.change(ipc::Gauge::requests_queued, 1);
  services_.deadlines.schedule(*this,
                               services_.loop.now() + services_.app.config.limits.queue_wait);
}

void Exchange::take_arguments() {
  using enum package::WcgiOptions::QueryArguments;
  arguments_ = &services_.app.arguments;
  if (services_.app.config.wcgi.query_arguments == off) return;
  const auto words = wcgi::search_words(head().query);
  if (!words) return;
  own_arguments_.clear();
  for (const std::string& argument : services_.app.config.arguments) own_arguments_.add(argument);
  for (const std::string& word : *words) own_arguments_.add(word);
  arguments_ = &own_arguments_;
}

void Exchange::admitted(ipc::Permit permit) {
  permit_ = permit;
  const bool waited = scheduled();
  if (waited) {
    services_.deadlines.cancel(*this);
    services_.metrics.change(ipc::Gauge::requests_queued, -1);
    launched_ = services_.loop.now();
  }
  launch();
  if (waited) owner_->exchange_went_on();
}

void Exchange::begin_answer() {
  const package::Limits& limits = services_.app.config.limits;
  answer_.begin(*client_, {.exchange = facts_,
                           .method = facts_.method == http::MethodKind::head ? "HEAD" : "GET",
                           .request_id = id_.text(),
                           .dialect = dialect_of(services_.app.config),
                           .limits = {.max_head_bytes = limits.header_bytes.bytes()},
                           .max_output = limits.output,
                           .wanted = wanted_});
}

void Exchange::launch() {
  const package::Limits& limits = services_.app.config.limits;
  stage_ = Stage::running;
  services_.metrics.change(ipc::Gauge::guests_running, 1);
  files_.emplace(services_.app.tree, services_.app.scratch.get(),
                 wasi::files::QuotaLimits{limits.scratch, limits.scratch_inodes},
                 launch::profile_of(services_.app.config).paths);
  wasi::InputStream& in = spooled_ ? static_cast<wasi::InputStream&>(spool_) : body_;
  process_.emplace(wasi::ProcessSetup{
      .args = *arguments_,
      .environ = environment_,
      .in = in,
      .out = answer_,
      .err = log_,
      .files = &*files_,
      .disk = &disk_,
      .clock = services_.loop.clock(),
      .time = *this,
      .random = services_.random,
      .network = services_.app.network.get(),
      .port_order = launch::port_order_of(services_.app.config),
      .profile = launch::profile_of(services_.app.config),
      .limits = {.descriptors = static_cast<std::uint32_t>(limits.open_files)},
  });
  services_.metrics.add(ipc::Counter::guest_instances);
  wasi::Thread& thread = process_->main_thread();
  const auto started = guest_.start(
      services_.app.program, {.host = &*process_, .thread = &thread, .interrupts = &thread.signals},
      {.memory = limits.memory, .gate = this});
  if (!started) return end(wcgi::outcome_of(started.error()));
  run();
}

void Exchange::run() {
  descriptors_.clear();
  cpu_.begin_slice();
  {
    const wasm::EpochTimer::Running running(services_.epochs);
    guest_.resume();
  }
  cpu_.end_slice();
  after_slice();
}

void Exchange::after_slice() {
  using State = wasm::Guest::State;
  if (guest_.state() == State::ended) return conclude();
  if (!answer_.local_redirect().empty()) return redirect();
  if (answer_.fault()) return end(*answer_.fault());
  if (body_.error() && !spooled_) return answer_with_error(*body_.error());
  const package::Limits& limits = services_.app.config.limits;
  if (cpu_.used() > limits.cpu_time) {
    return end({.ending = wcgi::Ending::cpu_time, .detail = to_string(limits.cpu_time)});
  }
  if (!scheduled()) services_.deadlines.schedule(*this, launched_ + limits.wall_time);
  invite_body();
  answer_.commit();
  if (answer_.fault()) return end(*answer_.fault());
  if (guest_.state() == State::runnable || guest_.waits().yields()) {
    cpu_.measure_exactly();
    in_run_queue_ = true;
    services_.scheduler.push(*this);
    return;
  }
  await();
}

void Exchange::await() {
  const wasm::WaitSet& waits = guest_.waits();
  std::optional<MonotonicTime> until = waits.deadline();
  // What cannot be watched, and memory, is looked at again soon.
  const bool watched =
      descriptors_.watch(waits.interests()) == DescriptorWatch::Watched::all && !waits.empty();
  if (!watched) {
    const MonotonicTime soon = services_.loop.now() + kRetry;
    until = until ? std::min(*until, soon) : soon;
  }
  if (until) services_.scheduler.sleep(*this, *until);
  sleeping_until_ = until;
}

void Exchange::disk_answered() {
  if (stage_ != Stage::running || guest_.state() != wasm::Guest::State::waiting) return;
  if (guest_.waits().awaits_disk()) queue();
}

void Exchange::descriptor_ready() { queue(); }

/// What it waited for has happened: its turn comes with the others'.
void Exchange::queue() {
  if (sleeping_until_) services_.scheduler.forget(*this, std::exchange(sleeping_until_, {}));
  if (!std::exchange(in_run_queue_, true)) services_.scheduler.push(*this);
}

void Exchange::run_slice() {
  in_run_queue_ = false;
  sleeping_until_.reset();
  run();
  owner_->exchange_went_on();
}

wasm::MemoryGate::Growth Exchange::may_grow(std::uint64_t /*current*/,
                                            std::uint64_t desired) noexcept {
  if (has_big_memory_ || desired <= services_.memory.baseline().bytes()) return Growth::allow;
  if (!services_.memory.enter_big()) return Growth::wait;
  has_big_memory_ = true;
  return Growth::allow;
}

/// What it waited for has happened. A program that has used up a slice before takes
/// its turn with the others: several at once must not hold up what is short.
void Exchange::run_or_queue() {
  if (cpu_.exact()) return queue();
  if (sleeping_until_) services_.scheduler.forget(*this, std::exchange(sleeping_until_, {}));
  run();
}

void Exchange::client_sent() {
  if (stage_ == Stage::collecting) return collect();
  if (stage_ == Stage::dropping) return drop_body();
  if (stage_ != Stage::running || guest_.state() != wasm::Guest::State::waiting) return;
  if (!guest_.waits().awaits_input() || !body_.available().ready()) return;
  run_or_queue();
}

void Exchange::client_took() {
  if (stage_ != Stage::running || guest_.state() != wasm::Guest::State::waiting) return;
  if (!guest_.waits().awaits_output() || client_->pending() > Answer::kLowMark) return;
  run_or_queue();
}

void Exchange::client_left() { abort(wcgi::Ending::client_gone); }

void Exchange::abort(wcgi::Ending ending) {
  if (stage_ == Stage::done || stage_ == Stage::idle) return;
  if (stage_ == Stage::dropping) {
    stage_ = Stage::done;  // the answer is complete; only the connection suffers
    return;
  }
  if (ending == wcgi::Ending::draining) wanted_ = http::Persistence::close;
  if (stage_ == Stage::queued) {
    services_.waiting_room.give_up(*this);
    launched_ = services_.loop.now();  // it never was: the log tells how long it waited
    services_.metrics.change(ipc::Gauge::requests_queued, -1);
  }
  end({.ending = ending, .detail = {}});
}

void Exchange::on_deadline() {
  if (stage_ == Stage::queued) {
    services_.metrics.add(ipc::Counter::queue_timed_out);
    abort(wcgi::Ending::queue_timeout);
  } else {
    end({.ending = wcgi::Ending::wall_time,
         .detail = to_string(services_.app.config.limits.wall_time)});
  }
  owner_->exchange_went_on();
}

void Exchange::conclude() {
  using How = wasm::Ended::How;
  const wasm::Ended& ended = guest_.ended();
  if (!answer_.local_redirect().empty()) return redirect();
  if (answer_.fault()) return end(*answer_.fault());
  if (body_.error() && !answer_.committed() && !spooled_) return answer_with_error(*body_.error());
  if (ended.how == How::trapped) {
    trap_backtrace_ = ended.trap.backtrace;
    services_.metrics.add(ipc::Counter::guest_traps);
    return end({.ending = wcgi::Ending::trapped, .detail = ended.trap.name});
  }
  const std::int64_t code = process_->exit() ? process_->exit()->status() : 0;
  settle_body();
  wcgi::Outcome outcome = answer_.finish();
  // A program that fails before it answers: the code says more than the silence.
  if (code != 0 && outcome.ending != wcgi::Ending::answered && !answer_.committed() &&
      answer_.status() == 0) {
    outcome = {.ending = wcgi::Ending::exited_early, .detail = {}, .exit_code = code};
  }
  if (outcome.ending != wcgi::Ending::answered) return end(std::move(outcome));
  if (code != 0) log_exit_code(code);
  status_ = answer_.status();
  persistence_ = answer_.persistence();
  release_guest();
  complete();
}

/// The program reads no more of the body. What has not come yet stands between this
/// request and the next: if it is not short, the answer says that the connection
/// closes (RFC 9112, 9.3 and 9.6).
void Exchange::settle_body() {
  if (!body_.done() && !body_.error()) body_.discard();
  if (body_.done() || body_.rest_is_short()) return;
  wanted_ = http::Persistence::close;
  answer_.close_afterwards();
}

/// The answer is in the output.
void Exchange::complete() {
  stage_ = Stage::done;
  if (body_.done() || body_.error() || persistence_ == http::Persistence::close) return;
  stage_ = Stage::dropping;
  answered_ = services_.loop.refresh_now();
  dropped_from_ = body_.received();
  drop_body();
}

/// Where the answer's head has promised another request, a little more is read than
/// was known to come.
void Exchange::drop_body() {
  body_.discard();
  const bool enough = body_.received() - dropped_from_ > RequestBody::kWindow;
  if (body_.done() || body_.error() || client_->input_ended() || enough) stage_ = Stage::done;
}

void Exchange::redirect() {
  const std::string target(answer_.local_redirect());
  release_guest();
  // From the client's head each time: the views of an earlier redirect are those of
  // a buffer that has moved since, if the client still sends.
  const auto next = redirects_.follow(client_head(), target);
  if (!next) return end({.ending = wcgi::Ending::redirect_loop, .detail = next.error().message});
  redirected_ = *next;
  // A redirected request has no body: the client's is dropped.
  spool_.begin(-1);
  spooled_ = true;
  begin_answer();
  prepare();
}

void Exchange::end(wcgi::Outcome outcome) {
  const auto details = services_.app.config.detail == package::ErrorDetail::shown
                           ? wcgi::Details::show
                           : wcgi::Details::hide;
  Error page = wcgi::to_error(outcome, details);
  if (details == wcgi::Details::show) {
    // For the author's eyes: where it stopped, and what it said last.
    if (!trap_backtrace_.empty()) page.remedy = "backtrace:\n" + trap_backtrace_;
    if (!log_.tail().empty()) {
      if (!page.remedy.empty()) page.remedy += '\n';
      page.remedy += "standard error:\n" + std::string(log_.tail());
    } else if (outcome.ending == wcgi::Ending::exited_early) {
      page.remedy = "it printed nothing on standard error";
    }
  }
  end(std::move(outcome), page);
}

void Exchange::end(wcgi::Outcome outcome, const Error& error) {
  outcome_ = std::move(outcome);
  release_guest();
  const bool begun = answer_.committed();
  stage_ = Stage::done;
  log_failure();
  if (begun || outcome_.ending == wcgi::Ending::client_gone) {
    status_ = begun ? answer_.status() : 499;
    return;
  }
  settle_body();
  const bool full = services_.app.config.detail == package::ErrorDetail::shown;
  const std::array fields = {http::Field{"X-Request-Id", id_.text()}};
  const http::ErrorPageOptions page{.detail = full ? http::Detail::full : http::Detail::brief,
                                    .fields = fields};
  status_ = traits(error.code).status;
  persistence_ =
      http::append_error_page(client_->output(), error, facts_, wanted_,
                              services_.dates.field_line(services_.loop.clock().wall()), page);
  complete();
}

void Exchange::answer_with_error(const Error& error) {
  const bool clients_fault = traits(error.code).fault == Fault::client;
  if (clients_fault) wanted_ = http::Persistence::close;
  end(wcgi::outcome_of(error), error);
}

void Exchange::release_guest() {
  if (scheduled()) services_.deadlines.cancel(*this);
  if (in_run_queue_ || sleeping_until_) {
    services_.scheduler.forget(*this, std::exchange(sleeping_until_, {}));
    in_run_queue_ = false;
  }
  descriptors_.clear();
  std::optional<wasm::Remains> remains;
  if (process_) {
    remains = guest_.stop_and_leave(Reaper::kLarge);
    process_.reset();
    services_.disk.leave(*this);
    files_.reset();
    log_.finish();
    services_.metrics.change(ipc::Gauge::guests_running, -1);
  }
  const bool big = std::exchange(has_big_memory_, false);
  if (remains) {
    return services_.reaper.add(std::move(*remains),
                                big ? Reaper::Memory::big : Reaper::Memory::baseline,
                                std::exchange(permit_, {}));
  }
  if (big) services_.memory.leave_big();
  if (permit_) services_.waiting_room.leave(*std::exchange(permit_, {}));
}

Exchange::Next Exchange::finish() {
  BRINK_CHECK(stage_ == Stage::done);
  const bool answered = outcome_.ending == wcgi::Ending::answered;
  Next next = persistence_ == http::Persistence::keep_alive ? Next::keep : Next::close;
  if (outcome_.ending == wcgi::Ending::client_gone) {
    next = Next::cut;
  } else if (!answered && answer_.committed()) {
    next = answer_.cut() == Answer::Cut::shows ? Next::close : Next::cut;
  }
  if (!body_.done() && next == Next::keep) next = Next::close;
  log_access();
  services_.metrics.change(ipc::Gauge::requests_active, -1);
  body_.finish();
  if (spooled_) spool_.release();  // an idle object keeps no body
  stage_ = Stage::idle;
  return next;
}

}  // namespace brink::worker
