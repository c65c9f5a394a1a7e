#include "compiler/compiler.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <utility>
#include <vector>

#include <boost/json.hpp>

#include "module/needs.h"
#include "module/rewriter.h"
#include "sandbox/landlock.h"
#include "sandbox/privileges.h"
#include "sandbox/process.h"
#include "sandbox/seccomp.h"
#include "wasi/call_table.h"
#include "wasm/module.h"

namespace brink::compiler {
namespace {

constexpr Duration kChannelTime = std::chrono::seconds(10);
constexpr std::size_t kMostModule = std::size_t{512} << 20;

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define BRINK_ADDRESS_SANITIZER 1
#endif
#endif

std::vector<module::HostSignature> host_signatures() {
  std::vector<module::HostSignature> out;
  for (const wasm::HostFunction& function : wasi::host_functions()) {
    const bool returns = function.returns == wasm::HostFunction::Returns::i32;
    out.push_back({function.module, function.name, function.parameters, returns ? "i" : ""});
  }
  return out;
}

Result<CompileJob> decode(const std::string& text) {
  try {
    const auto value = boost::json::parse(text);
    const auto& in = value.as_object();
    return CompileJob{ByteSize(boost::json::value_to<std::uint64_t>(in.at("memory_limit"))),
                      Duration(boost::json::value_to<std::int64_t>(in.at("cpu_time"))),
                      ByteSize(boost::json::value_to<std::uint64_t>(in.at("address_space"))),
                      boost::json::value_to<std::uint32_t>(in.at("uid")),
                      boost::json::value_to<std::uint32_t>(in.at("gid"))};
  } catch (const std::exception& error) {
    return fail(ErrorCode::internal, std::string("the compiler's job: ") + error.what());
  }
}

Result<std::vector<std::byte>> read_all(int fd) {
  // Not fstat: the filter allows no call that could also name a path.
  const off_t size = ::lseek(fd, 0, SEEK_END);
  if (size < 0) {
    return std::unexpected(errno_error(ErrorCode::file_unreadable, "the module", errno));
  }
  if (static_cast<std::uint64_t>(size) > kMostModule) {
    return fail(ErrorCode::module_invalid, "the module is larger than 512 MiB");
  }
  std::vector<std::byte> bytes(static_cast<std::size_t>(size));
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t got =
        ::pread(fd, bytes.data() + done, bytes.size() - done, static_cast<off_t>(done));
    if (got < 0) {
      return std::unexpected(errno_error(ErrorCode::file_unreadable, "the module", errno));
    }
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  bytes.resize(done);
  return bytes;
}

Result<void> write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0) {
      return std::unexpected(errno_error(ErrorCode::io_error, "writing the artefact", errno));
    }
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Result<void> lock_down(const CompileJob& job) {
  sandbox::ResourceLimits limits;
  limits.cpu_time = std::chrono::ceil<std::chrono::seconds>(job.cpu_time);
#ifndef BRINK_ADDRESS_SANITIZER
  limits.address_space = job.address_space;
#endif
  TRY_VOID(sandbox::apply_resource_limits(limits));
  const pid_t node = ::getppid();
  TRY_VOID(sandbox::drop_privileges({job.uid, job.gid}));
  TRY_VOID(sandbox::die_with_parent(node));
  TRY(const sandbox::LandlockReport report, sandbox::apply_landlock({}));
  (void)report;  // what is missing was in the node's log when it started
  return sandbox::apply_seccomp({.role = sandbox::FilterRole::compiler});
}

/// Threads need a memory that is shared, and a process of their own, where nobody
/// waits for a long instruction: the kernel stops a guest inside one. All others
/// may come to run in a worker. The maximum is left as it is, since artefacts do not
/// depend on limits: growth is asked about, and who makes a shared memory gives it a
/// smaller one.
module::RewriteOptions options_for(const module::ExecutionNeeds& needs) {
  if (needs.threading == module::Threading::threaded) return {.bulk_piece = std::nullopt};
  return {.memory_owner = module::MemoryOwner::instance};
}

UniqueFd take(ipc::Envelope& envelope, const ipc::Start& start, std::string_view name) {
  for (std::size_t i = 0; i < start.descriptors.size() && i < envelope.fds.size(); ++i) {
    if (start.descriptors[i] == name) return std::move(envelope.fds[i]);
  }
  return UniqueFd();
}

Result<void> run(ipc::Channel& channel, const Clock& clock) {
  TRY(ipc::Envelope envelope, channel.receive(clock.now() + kChannelTime));
  const auto* start = std::get_if<ipc::Start>(&envelope.message);
  if (start == nullptr) return fail(ErrorCode::internal, "the node did not send a start message");
  const UniqueFd input = take(envelope, *start, "module");
  const UniqueFd output = take(envelope, *start, "artefact");
  TRY(const CompileJob job, decode(start->configuration));
  TRY(const wasm::Engine engine, wasm::Engine::create({.use = wasm::EngineOptions::Use::compile}));
  TRY_VOID(lock_down(job));
  // From here on the module's bytes are looked at.
  TRY(const std::vector<std::byte> wasm, read_all(input.get()));
  TRY(const module::ModuleInfo info, module::read_module(wasm));
  TRY_VOID(check(info, job.memory_limit));
  TRY(const std::vector<std::byte> rewritten,
      module::rewrite(wasm, info, options_for(module::needs_of(info))));
  TRY(const std::string artefact, wasm::compile(engine, rewritten));
  return write_all(output.get(), artefact);
}

}  // namespace

std::string encode(const CompileJob& job) {
  return boost::json::serialize(boost::json::object{{"memory_limit", job.memory_limit.bytes()},
                                                    {"cpu_time", job.cpu_time.count()},
                                                    {"address_space", job.address_space.bytes()},
                                                    {"uid", job.uid},
                                                    {"gid", job.gid}});
}

std::string_view rewriting() { return "rewriter 2: without threads own memory, bulk 1MiB"; }

Result<void> check(const module::ModuleInfo& info, ByteSize limit) {
  return module::check_runnable(info, host_signatures(), {.memory = limit});
}

int run_compiler(ipc::Channel channel) {
  std::signal(SIGPIPE, SIG_IGN);
  const SystemClock clock;
  const auto done = run(channel, clock);
  const ipc::Message answer =
      done ? ipc::Message(ipc::Ready{}) : ipc::Message(ipc::Failed{done.error()});
  return channel.send(answer, {}, clock.now() + kChannelTime) && done ? 0 : 1;
}

}  // namespace brink::compiler
