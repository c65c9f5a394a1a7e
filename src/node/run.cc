#include "node/run.h"

#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <memory>
#include <utility>

#include "net/listener.h"
#include "node/admin_server.h"
#include "node/log_relay.h"
#include "node/metrics_text.h"
#include "node/prepared_app.h"
#include "node/run_once.h"
#include "node/signal_source.h"
#include "node/supervisor.h"
#include "sandbox/landlock.h"
#include "sandbox/privileges.h"

namespace brink::node {
namespace {

constexpr Duration kFirstStart = std::chrono::seconds(30);
// Compilations shorter than this pass without a word.
constexpr Duration kWorthTelling = std::chrono::milliseconds(500);

/// "compiling … 2 s" on a terminal, one line elsewhere.
class ProgressLine {
 public:
  explicit ProgressLine(cli::Verbosity verbosity) : quiet_(verbosity == cli::Verbosity::quiet) {}
  ~ProgressLine() {
    if (shown_ && terminal_) std::fputs("\r\033[K", stderr);
  }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  void show(Duration spent) {
    if (quiet_ || spent < kWorthTelling || (shown_ && !terminal_)) return;
    const auto seconds = std::chrono::duration<double>(spent).count();
    if (terminal_) {
      std::fprintf(stderr, "\rcompiling (once, then cached) … %.1f s", seconds);
    } else {
      std::fputs("compiling (once, then cached) …\n", stderr);
    }
    shown_ = true;
  }

 private:
  bool quiet_;
  bool terminal_ = ::isatty(STDERR_FILENO) == 1;
  bool shown_ = false;
};

Result<PreparedApp> prepare_with_progress(const cli::RunOptions& options, ArtefactStore& store) {
  ProgressLine line(options.verbosity);
  return prepare(options.request, store, [&](Duration spent) { line.show(spent); });
}

void print(const cli::RunOptions& options, const std::string& line) {
  if (options.verbosity == cli::Verbosity::quiet) return;
  std::fputs((line + "\n").c_str(), stdout);
  std::fflush(stdout);
}

void print_warnings(const PreparedApp& app) {
  for (const std::string& warning : app.spec.warnings) {
    std::fprintf(stderr, "warning: %s\n", warning.c_str());
  }
}

void print_app(const cli::RunOptions& options, const PreparedApp& app) {
  print_warnings(app);
  print(options,
        "mode: " + std::string(package::to_string(app.spec.mode)) + " (" + app.spec.reason + ")");
}

/// The node while it serves: its loop and what the loop moves.
class Serving {
 public:
  Serving(const cli::RunOptions& options, ArtefactStore& store, net::EventLoop& loop, LogRelay& log,
          Supervisor& supervisor)
      : options_(options), store_(store), loop_(loop), log_(log), supervisor_(supervisor) {}

  void on_signal(int signal) {
    if (signal == SIGHUP) return reload();
    if (stopping_) return supervisor_.kill_all();
    stopping_ = true;
    supervisor_.stop(loop_.refresh_now() + grace_);
  }

  Result<void> deploy(PreparedApp app) {
    grace_ = app.spec.limits.grace;
    return supervisor_.deploy(std::make_shared<const PreparedApp>(std::move(app)));
  }

  /// Until the first version serves; its error is the start's error.
  Result<void> await_start() {
    const MonotonicTime deadline = loop_.refresh_now() + kFirstStart;
    while (!supervisor_.serving() && !stopping_) {
      if (auto failure = supervisor_.take_failure()) return std::unexpected(*std::move(failure));
      if (loop_.now() > deadline) return fail(ErrorCode::internal, "the workers do not start");
      turn(deadline);
    }
    return {};
  }

  int serve(AdminServer* admin) {
    while (!supervisor_.stopped()) {
      std::optional<MonotonicTime> next = supervisor_.tick();
      if (admin != nullptr) {
        if (const auto when = admin->tick(); when && (!next || *when < *next)) next = when;
      }
      turn(next);
    }
    log_.drain();
    return 0;
  }

 private:
  void turn(std::optional<MonotonicTime> until) {
    std::optional<Duration> longest;
    if (until) longest = std::max(Duration(0), *until - loop_.refresh_now());
    loop_.turn(longest);
  }

  void reload() {
    if (stopping_) return;
    auto app = prepare_with_progress(options_, store_);
    if (app && app->spec.mode != package::Mode::wcgi) {
      app = fail(ErrorCode::config_invalid, "the mode can't change while it serves",
                 "stop brink and start it again");
    }
    // Whatever is wrong with the new version: the old one serves on.
    if (!app) {
      std::fprintf(stderr, "error: not reloaded: %s\n", app.error().text().c_str());
      return;
    }
    print_app(options_, *app);
    if (auto deployed = deploy(std::move(*app)); !deployed) {
      std::fprintf(stderr, "error: not reloaded: %s\n", deployed.error().text().c_str());
      return;
    }
    print(options_, "reloaded");
  }

  const cli::RunOptions& options_;
  ArtefactStore& store_;
  net::EventLoop& loop_;
  LogRelay& log_;
  Supervisor& supervisor_;
  Duration grace_ = std::chrono::seconds(10);
  bool stopping_ = false;
};

Result<net::TcpListeners> open_listeners(const cli::Endpoint& endpoint, std::size_t count) {
  TRY(const net::SocketAddress address, net::parse_socket_address(cli::to_string(endpoint)));
  return net::open_tcp_listeners(address, count);
}

}  // namespace

Result<int> run(const cli::RunOptions& options) {
  TRY_VOID(sandbox::raise_open_files_limit());
  TRY(ArtefactStore store, ArtefactStore::open(ArtefactStore::default_folder()));
  TRY(PreparedApp app, prepare_with_progress(options, store));
  if (app.spec.mode == package::Mode::command) {
    print_warnings(app);  // and nothing to standard output: it is the program's
    return run_once(app);
  }

  const SystemClock clock;
  TRY(net::EventLoop loop, net::EventLoop::create(clock));
  TRY(net::TcpListeners listeners, open_listeners(options.listen, options.workers));
  const std::string address = listeners.address.to_string();
  std::optional<net::TcpListeners> admin_listener;
  if (options.admin) {
    TRY(admin_listener, open_listeners(*options.admin, 1));
  }
  print_app(options, app);
  LogRelay log(loop, STDERR_FILENO);
  const bool log_access = options.access_log == cli::AccessLog::on;
  TRY(const auto supervisor,
      Supervisor::create(loop, log, std::move(listeners.sockets),
                         {.access_log = log_access ? launch::LaunchConfig::AccessLog::on
                                                   : launch::LaunchConfig::AccessLog::off}));
  Serving serving(options, store, loop, log, *supervisor);
  TRY(const auto signals, SignalSource::create(loop, {SIGTERM, SIGINT, SIGHUP},
                                               [&](int signal) { serving.on_signal(signal); }));
  TRY_VOID(serving.deploy(std::move(app)));
  TRY_VOID(serving.await_start());
  std::optional<AdminServer> admin;
  if (admin_listener) {
    admin.emplace(
        loop, std::move(admin_listener->sockets.front()),
        [&] {
          const ipc::SharedPage& page = supervisor->page();
          return metrics_text(ipc::sum_metrics(page.all_metrics()),
                              {.workers = supervisor->workers(),
                               .restarts = supervisor->restarts(),
                               .permits_held = page.permits(0).held(),
                               .memory_bytes = page.app_memory(0).used().bytes()});
        },
        [&] { return supervisor->serving(); });
    TRY_VOID(admin->start());
    print(options, "metrics on http://" + admin_listener->address.to_string() + "/metrics");
  }
  print(options, "listening on http://" + address);
  return serving.serve(admin ? &*admin : nullptr);
}

}  // namespace brink::node
