#include "node/run.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <memory>
#include <utility>

#include "cli/report.h"
#include "net/listener.h"
#include "node/admin_server.h"
#include "node/log_relay.h"
#include "node/metrics_text.h"
#include "node/preparation.h"
#include "node/prepared_app.h"
#include "node/run_once.h"
#include "node/signal_source.h"
#include "node/supervisor.h"
#include "sandbox/landlock.h"
#include "sandbox/privileges.h"
#include "wcgi/outcome.h"

namespace brink::node {
namespace {

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

Result<PreparedApp> prepare_with_progress(const cli::RunOptions& options, ArtefactStore& store,
                                          const std::atomic<bool>& cancelled) {
  ProgressLine line(options.verbosity);
  return prepare(options.request, store, [&](Duration spent) {
    line.show(spent);
    return cancelled ? KeepGoing::no : KeepGoing::yes;
  });
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
  Serving(const cli::RunOptions& options, net::EventLoop& loop, LogRelay& log,
          Supervisor& supervisor)
      : options_(options), loop_(loop), log_(log), supervisor_(supervisor) {}

  /// From now on SIGHUP reads the program again. `store` is the preparation's.
  Result<void> allow_reloads(ArtefactStore& store) {
    TRY(preparation_, Preparation::create(
                          loop_,
                          [this, &store](const std::atomic<bool>& cancelled) {
                            return prepare_with_progress(options_, store, cancelled);
                          },
                          [this](Result<PreparedApp> app) { take_up(std::move(app)); }));
    return {};
  }

  void on_signal(int signal) {
    if (signal == SIGHUP) {
      if (!stopping_ && preparation_) preparation_->begin();
      return;
    }
    if (stopping_) return supervisor_.kill_all();
    stopping_ = true;
    if (preparation_) preparation_->cancel();
    supervisor_.stop();
  }

  /// Until the first version serves, or brink is told to stop; its error is the
  /// start's error.
  Result<void> start(PreparedApp app) {
    TRY_VOID(supervisor_.deploy(std::make_shared<const PreparedApp>(std::move(app))));
    while (!stopping_) {
      const auto next = supervisor_.tick();
      if (auto outcome = supervisor_.take_outcome()) return *std::move(outcome);
      turn(next);
    }
    return {};
  }

  [[nodiscard]] bool stopping() const { return stopping_; }

  int serve(AdminServer* admin) {
    while (!supervisor_.stopped()) {
      std::optional<MonotonicTime> next = supervisor_.tick();
      if (const auto outcome = supervisor_.take_outcome()) report(*outcome);
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

  /// Whatever is wrong with the new version: the old one serves on.
  void take_up(Result<PreparedApp> app) {
    if (app && app->spec.mode != package::Mode::wcgi) {
      app = fail(ErrorCode::config_invalid, "the mode can't change while it serves",
                 "stop brink and start it again");
    }
    if (!app) return report(std::unexpected(std::move(app).error()));
    print_app(options_, *app);
    auto deployed = supervisor_.deploy(std::make_shared<const PreparedApp>(std::move(*app)));
    if (!deployed) report(deployed);
  }

  /// What became of a reload.
  void report(const Result<void>& outcome) {
    if (outcome) return print(options_, "reloaded");
    std::fputs(cli::error_lines(outcome.error(), "not reloaded: ").c_str(), stderr);
  }

  const cli::RunOptions& options_;
  net::EventLoop& loop_;
  LogRelay& log_;
  Supervisor& supervisor_;
  std::unique_ptr<Preparation> preparation_;
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
  const std::atomic<bool> never = false;
  // Signals still end the process, and the compiler dies with it.
  TRY(PreparedApp app, prepare_with_progress(options, store, never));
  if (app.spec.mode == package::Mode::command) {
    print_warnings(app);  // and nothing to standard output: it is the program's
    TRY(const int code, run_once(app));
    if (code == wcgi::kWasiLibcFailure) {
      std::fprintf(stderr, "warning: the program ended with exit code %d, %.*s\n", code,
                   static_cast<int>(wcgi::kWasiLibcHint.size()), wcgi::kWasiLibcHint.data());
    }
    return code;
  }

  if (sandbox::landlock_abi() == 0) {
    std::fputs(
        "warning: this kernel has no Landlock (Linux 5.13 and newer have it): workers are "
        "held by their user and the system call filter only\n",
        stderr);
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
  Serving serving(options, loop, log, *supervisor);
  TRY(const auto signals, SignalSource::create(loop, {SIGTERM, SIGINT, SIGHUP},
                                               [&](int signal) { serving.on_signal(signal); }));
  TRY_VOID(serving.allow_reloads(store));
  TRY_VOID(serving.start(std::move(app)));
  if (serving.stopping()) return serving.serve(nullptr);
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
