// instance PROGRAM.wasm [COUNT]: what a fresh instance costs inside a worker.
//
// Creates, runs and drops instances of a CGI program one after the other, with the
// real engine settings and host calls, an environment as a request brings it and
// streams that go nowhere, and prints the time of each step.

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "package/file_text.h"
#include "wasi/call_table.h"
#include "wasi/process.h"
#include "wasm/epoch_timer.h"
#include "wasm/guest.h"

namespace brink {
namespace {

constexpr std::size_t kMostModule = std::size_t{64} << 20;
constexpr int kDefaultCount = 200'000;
constexpr int kWarmUp = 1000;

/// Standard input without a byte, standard output without a reader.
class Nowhere final : public wasi::InputStream, public wasi::OutputStream {
 public:
  wasi::Outcome<std::uint64_t> try_read(std::span<const wasi::MutableBytes>) noexcept override {
    return 0;
  }
  wasi::Outcome<std::uint64_t> try_write(
      std::span<const wasi::ConstBytes> buffers) noexcept override {
    std::uint64_t total = 0;
    for (const wasi::ConstBytes buffer : buffers) total += buffer.size();
    return total;
  }
  wasi::Readiness available() noexcept override { return {wasi::Readiness::State::ready, 0}; }
  wasi::Readiness room() noexcept override { return {wasi::Readiness::State::ready, 65536}; }
  void add_wait(wasm::WaitSet&) noexcept override {}
};

class NoTime final : public wasi::GuestTime {
 public:
  [[nodiscard]] Duration process_cpu() const noexcept override { return {}; }
  [[nodiscard]] Duration thread_cpu() const noexcept override { return {}; }
};

void add_environment(wasi::StringBlock& block) {
  constexpr std::array<std::pair<const char*, const char*>, 12> kVariables = {
      {{"GATEWAY_INTERFACE", "CGI/1.1"},
       {"SERVER_PROTOCOL", "HTTP/1.1"},
       {"SERVER_SOFTWARE", "brink"},
       {"SERVER_NAME", "localhost"},
       {"SERVER_PORT", "8080"},
       {"REQUEST_METHOD", "GET"},
       {"SCRIPT_NAME", ""},
       {"PATH_INFO", "/"},
       {"QUERY_STRING", ""},
       {"REMOTE_ADDR", "127.0.0.1"},
       {"REQUEST_URI", "/"},
       {"HTTP_HOST", "localhost:8080"}}};
  for (const auto& [name, value] : kVariables) block.add(name, value);
}

double percentile(std::vector<std::int64_t>& nanoseconds, double part) {
  std::ranges::sort(nanoseconds);
  const auto last = static_cast<double>(nanoseconds.size() - 1);
  return static_cast<double>(nanoseconds[static_cast<std::size_t>(last * part)]) / 1000;
}

Result<wasm::Program> load(const wasm::Engine& engine, const std::string& file) {
  TRY(const std::string wasm, package::read_file_text(file, kMostModule));
  TRY(const wasm::Engine compiler,
      wasm::Engine::create({.use = wasm::EngineOptions::Use::compile}));
  TRY(const std::string artefact, wasm::compile(compiler, std::as_bytes(std::span(wasm))));
  std::string path = "/tmp/brink-bench-XXXXXX";
  const UniqueFd fd(::mkstemp(path.data()));
  const auto written = ::write(fd.get(), artefact.data(), artefact.size());
  auto module = wasm::Module::load(engine, path);
  ::unlink(path.c_str());
  if (!module || written != static_cast<ssize_t>(artefact.size())) {
    return std::unexpected(module ? Error{ErrorCode::io_error, path, {}} : module.error());
  }
  return wasm::Program::link(engine, std::move(*module), wasi::host_functions(),
                             wasm::Program::Start::none);
}

Result<void> run(const std::string& file, int count) {
  TRY(const wasm::Engine engine, wasm::Engine::create({}));
  TRY(const wasm::Program program, load(engine, file));
  TRY(const auto timer, wasm::EpochTimer::create(engine));
  const SystemClock clock;
  const NoTime time;
  wasi::SystemRandom random;
  wasi::StringBlock arguments;
  wasi::StringBlock environment;
  arguments.add("program");
  add_environment(environment);
  Nowhere stream;
  wasm::Guest guest;
  std::array<std::vector<std::int64_t>, 4> times;  // create, run, drop, all
  for (int i = -kWarmUp; i < count; ++i) {
    const MonotonicTime began = clock.now();
    wasi::Process process({.args = arguments,
                           .environ = environment,
                           .in = stream,
                           .out = stream,
                           .err = stream,
                           .clock = clock,
                           .time = time,
                           .random = random});
    TRY_VOID(guest.start(program, {.host = &process, .thread = &process.main_thread()}, {}));
    const MonotonicTime created = clock.now();
    while (guest.state() != wasm::Guest::State::ended) {
      const wasm::EpochTimer::Running running(*timer);
      guest.resume();
    }
    const MonotonicTime ran = clock.now();
    guest.stop();
    const MonotonicTime dropped = clock.now();
    if (guest.ended().how == wasm::Ended::How::trapped) {
      return fail(ErrorCode::guest_trap, guest.ended().trap.name);
    }
    if (i < 0) continue;
    times[0].push_back((created - began).count());
    times[1].push_back((ran - created).count());
    times[2].push_back((dropped - ran).count());
    times[3].push_back((dropped - began).count());
  }
  constexpr std::array kNames = {"create", "run", "drop", "all"};
  for (std::size_t i = 0; i < times.size(); ++i) {
    std::printf("%-8s p50 %6.2f  p99 %6.2f us\n", kNames[i], percentile(times[i], 0.5),
                percentile(times[i], 0.99));
  }
  return {};
}

}  // namespace
}  // namespace brink

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fputs("usage: instance PROGRAM.wasm [COUNT]\n", stderr);
    return 2;
  }
  const int count = argc > 2 ? std::atoi(argv[2]) : brink::kDefaultCount;
  if (const auto done = brink::run(argv[1], std::max(count, 1)); !done) {
    std::fprintf(stderr, "error: %s\n", done.error().text().c_str());
    return 1;
  }
  return 0;
}
