#include "worker/worker.h"

#include <dirent.h>
#include <sys/random.h>
#include <sys/resource.h>

#include <algorithm>
#include <csignal>
#include <map>
#include <string>
#include <utility>

#include "base/check.h"
#include "ipc/shared_page.h"
#include "ipc/wakers.h"
#include "sandbox/landlock.h"
#include "sandbox/privileges.h"
#include "sandbox/seccomp.h"
#include "worker/disk_desk.h"
#include "worker/disk_helper.h"
#include "worker/schedule.h"
#include "worker/server.h"

namespace brink::worker {
namespace {

constexpr Duration kStartTime = std::chrono::seconds(30);
constexpr Duration kAnswerTime = std::chrono::seconds(5);
// The node is gone: how long requests in flight may still take.
constexpr Duration kOrphanGrace = std::chrono::seconds(5);
// A fiber's stack and a slot's memory take mappings, of which a process has 65,530.
constexpr std::uint64_t kMostInstances = 2048;
/// What the node sent, by name.
struct Inherited {
  std::string configuration;
  std::map<std::string, UniqueFd, std::less<>> fds;

  UniqueFd take(const std::string& name) {
    const auto found = fds.find(name);
    return found == fds.end() ? UniqueFd() : std::move(found->second);
  }
  std::vector<UniqueFd> take_all(const std::string& prefix) {
    std::vector<UniqueFd> out;
    for (std::size_t i = 0;; ++i) {
      UniqueFd fd = take(prefix + std::to_string(i));
      if (!fd) return out;
      out.push_back(std::move(fd));
    }
  }
};

Result<Inherited> receive_start(ipc::Channel& channel, const Clock& clock) {
  Inherited inherited;
  // More descriptors than fit in one message come in several; the last one brings
  // the configuration.
  while (inherited.configuration.empty()) {
    TRY(ipc::Envelope envelope, channel.receive(clock.now() + kStartTime));
    auto* start = std::get_if<ipc::Start>(&envelope.message);
    if (start == nullptr) return fail(ErrorCode::internal, "the node did not send a start message");
    for (std::size_t i = 0; i < envelope.fds.size(); ++i) {
      inherited.fds[start->descriptors[i]] = std::move(envelope.fds[i]);
    }
    inherited.configuration = std::move(start->configuration);
  }
  return inherited;
}

Result<void> check_single_thread() {
  DIR* tasks = ::opendir("/proc/self/task");
  if (tasks == nullptr) return {};
  int count = 0;
  while (const dirent* entry = ::readdir(tasks)) count += entry->d_name[0] != '.' ? 1 : 0;
  ::closedir(tasks);
  if (count != 1) return fail(ErrorCode::internal, "a worker must have exactly one thread");
  return {};
}

Result<void> lock_down(const launch::AppVersion& app) {
  sandbox::LandlockOptions options;
  for (const auto& [fd, access] : app.roots) {
    options.files.push_back({fd, access});
  }
  if (app.config.outbound == sandbox::Outbound::allowed) {
    options.tcp = sandbox::TcpAccess::connect_only;
  }
  TRY(const sandbox::LandlockReport report, sandbox::apply_landlock(options));
  (void)report;
  return sandbox::apply_seccomp({.role = sandbox::FilterRole::worker,
                                 .outbound = app.config.outbound,
                                 .native_code = sandbox::NativeCode::sealed});
}

/// Follows what the node says, and notices when it is gone.
class NodeLink final : public net::EventHandler {
 public:
  NodeLink(ipc::Channel& channel, net::EventLoop& loop, Server& server)
      : channel_(channel), loop_(loop), server_(server) {}

  [[nodiscard]] bool draining() const { return deadline_.has_value(); }
  [[nodiscard]] const std::optional<MonotonicTime>& deadline() const { return deadline_; }

  void on_events(std::uint32_t /*events*/) override {
    ipc::Envelope envelope;
    const auto received = channel_.try_receive(envelope);
    if (received && *received == net::Transfer::would_block) return;
    if (received && *received == net::Transfer::done) {
      if (const auto* drain = std::get_if<ipc::Drain>(&envelope.message)) begin(*drain);
      return;
    }
    loop_.unwatch(channel_.fd(), *this);
    begin({loop_.now() + kOrphanGrace, ipc::Drain::Successor::none});
  }

 private:
  void begin(const ipc::Drain& drain) {
    deadline_ = deadline_ ? std::min(*deadline_, drain.deadline) : drain.deadline;
    server_.drain(drain.successor);
  }

  ipc::Channel& channel_;
  net::EventLoop& loop_;
  Server& server_;
  std::optional<MonotonicTime> deadline_;
};

/// Turns the loop until everything has drained; how many requests were cut off.
std::size_t serve(Services& services, Server& server, NodeLink& node) {
  Schedule schedule(services, server);
  for (;;) {
    std::optional<Duration> longest;
    if (node.deadline()) longest = std::max(Duration(0), *node.deadline() - services.loop.now());
    schedule.turn(longest);
    if (!node.draining()) continue;
    if (server.open() == 0) return 0;
    if (services.loop.now() >= *node.deadline()) return server.abort_all();
  }
}

/// One worker's part of a limit: the kernel spreads connections evenly.
std::uint64_t share(std::uint64_t limit, const launch::LaunchConfig& config) {
  const std::uint64_t workers = std::max(config.workers, 1U);
  return (limit + workers - 1) / workers;
}

Result<std::uint64_t> random_seed() {
  std::uint64_t seed = 0;
  if (::getrandom(&seed, sizeof(seed), 0) != sizeof(seed)) {
    return std::unexpected(errno_error(ErrorCode::internal, "getrandom", errno));
  }
  return seed;
}

Result<std::uint64_t> run(ipc::Channel& channel) {
  const SystemClock clock;
  TRY(Inherited inherited, receive_start(channel, clock));
  TRY(launch::LaunchConfig config, launch::decode_launch_config(inherited.configuration));
  const ipc::Seat seat = config.seat;
  TRY(const std::uint64_t open_files, sandbox::raise_open_files_limit());
  TRY(ipc::SharedPage page, ipc::SharedPage::attach(inherited.take("shared_page")));
  const ipc::Wakers wakers = ipc::Wakers::adopt(inherited.take_all("waker/"));
  const UniqueFd log_pipe = inherited.take("log");
  const ipc::Metrics metrics(page.metrics(seat.index));

  TRY(UniqueFd disk_helper, start_disk_helper({config.uid, config.gid}));
  const std::uint64_t slots = std::min(config.limits.instances, kMostInstances);
  TRY(const wasm::Engine engine,
      wasm::Engine::create({.use = wasm::EngineOptions::Use::serve,
                            .instances = static_cast<std::uint32_t>(slots),
                            .max_memory = config.limits.memory}));
  TRY_VOID(sandbox::drop_privileges({config.uid, config.gid}));
  TRY(wasm::Program program, launch::load_program(engine, config, inherited.take("artefact")));
  TRY(launch::AppVersion app, launch::build_app(std::move(program), std::move(config),
                                                {.directories = inherited.take_all("directory/"),
                                                 .files = inherited.take_all("file/"),
                                                 .scratch_base = inherited.take("scratch")}));
  if (app.config.outbound == sandbox::Outbound::allowed) {
    TRY(app.network, launch::open_network(app.config, nullptr, "worker"));
  }
  TRY(const auto epochs, wasm::EpochTimer::create(engine));
  TRY(net::EventLoop loop, net::EventLoop::create(clock));
  net::DeadlineQueue deadlines(loop.now());
  Scheduler scheduler;
  LogSink log(log_pipe.get(), clock, metrics);
  http::DateCache dates;
  wasi::SystemRandom random;
  TRY(const std::uint64_t seed, random_seed());
  RequestIds request_ids(seed);
  ipc::Admission admission = page.admission(0, seat, wakers);
  MemoryBudget memory(page.app_memory(0), seat.index, app.baseline(), app.config.limits.memory);
  WaitingRoom waiting_room(
      admission, wakers, seat.index, memory,
      {.waiting = share(app.config.limits.queue, app.config), .inside = slots});
  Reaper reaper(waiting_room, memory);
  SpoolBudget spools(ByteSize(share(app.config.limits.spool.bytes(), app.config)), metrics);
  DiskDesk disk(loop, log, std::move(disk_helper));
  Services services{.loop = loop,
                    .deadlines = deadlines,
                    .scheduler = scheduler,
                    .epochs = *epochs,
                    .app = app,
                    .waiting_room = waiting_room,
                    .memory = memory,
                    .reaper = reaper,
                    .spools = spools,
                    .disk = disk,
                    .log = log,
                    .metrics = metrics,
                    .dates = dates,
                    .random = random,
                    .request_ids = request_ids};
  // Half for clients; the rest is the guests' files and the worker's own.
  const std::uint64_t most = open_files / 2;
  Server server(services, inherited.take_all("listener/"), most);
  NodeLink node(channel, loop, server);
  TRY_VOID(loop.watch(channel.fd(), EPOLLIN, node));
  TRY_VOID(disk.start());
  TRY_VOID(loop.watch(wakers.fd(seat.index), EPOLLIN, waiting_room));
  TRY_VOID(check_single_thread());
  TRY_VOID(lock_down(app));
  TRY_VOID(server.start());
  TRY_VOID(channel.send(ipc::Ready{}, {}, clock.now() + kAnswerTime));
  const std::size_t abandoned = serve(services, server, node);
  log.flush();
  return abandoned;
}

}  // namespace

int run_worker(ipc::Channel channel) {
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGINT, SIG_IGN);
  std::signal(SIGHUP, SIG_IGN);
  const SystemClock clock;
  const auto abandoned = run(channel);
  // The node may be gone: then nobody needs the answer.
  if (!abandoned) {
    (void)channel.send(ipc::Failed{abandoned.error()}, {}, clock.now() + kAnswerTime);
    return 1;
  }
  (void)channel.send(ipc::Drained{*abandoned}, {}, clock.now() + kAnswerTime);
  return 0;
}

}  // namespace brink::worker
