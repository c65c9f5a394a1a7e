#include "wasi/testing/guest.h"

#include <fcntl.h>
#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <ostream>

#include "base/check.h"
#include "wasi/call_table.h"
#include "wasi/testing/call_probe.h"

namespace brink::wasi {

void PrintTo(Errno error, std::ostream* out) {
  if (error == testing::kWaits) {
    *out << "(waits)";
  } else if (error == testing::kExits) {
    *out << "(exits)";
  } else {
    *out << "errno " << static_cast<int>(error);
  }
}

namespace testing {

TemporaryDirectory::TemporaryDirectory() : path_("/tmp/brink_wasi_XXXXXX") {
  BRINK_CHECK(::mkdtemp(path_.data()) != nullptr);
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

UniqueFd TemporaryDirectory::open() const {
  return UniqueFd(::open(path_.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
}

void TemporaryDirectory::write(std::string_view name, std::string_view content) const {
  std::ofstream(path_ + "/" + std::string(name), std::ios::binary) << content;
}

std::string TemporaryDirectory::read(std::string_view name) const {
  std::ifstream file(path_ + "/" + std::string(name), std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

Guest::Guest(const GuestOptions& options) : memory(options.memory, std::byte{0xAA}) {
  args.add("program");
  args.add("--flag");
  environ.add("HOME", "/");
  files::TreeSpec spec;
  spec.mounts.push_back({.guest_path = "/",
                         .host_directory = directory.open(),
                         .access = files::Access::read_write,
                         .origin = options.origin});
  auto built = files::FileTree::build(std::move(spec));
  BRINK_CHECK(built.has_value());
  tree = std::make_unique<files::FileTree>(std::move(*built));
  space = std::make_unique<files::FileSpace>(*tree, options.scratch, files::QuotaLimits{},
                                             options.profile.paths);
  process = std::make_unique<Process>(ProcessSetup{.args = args,
                                                   .environ = environ,
                                                   .in = in,
                                                   .out = out,
                                                   .err = err,
                                                   .files = space.get(),
                                                   .disk = options.disk,
                                                   .clock = clock,
                                                   .time = time,
                                                   .random = random,
                                                   .network = options.network,
                                                   .port_order = options.port_order,
                                                   .family = options.family,
                                                   .profile = options.profile,
                                                   .limits = options.limits});
}

namespace {

/// "module.name", or a name of the standard or else of WASIX.
const wasm::HostFunction* find_function(std::string_view name) {
  const auto functions = host_functions();
  const std::size_t dot = name.find('.');
  std::vector<std::string_view> modules = {"wasi_snapshot_preview1", "wasix_32v1", "wasi"};
  if (dot != std::string_view::npos) {
    modules = {name.substr(0, dot)};
    name.remove_prefix(dot + 1);
  }
  for (const std::string_view module : modules) {
    const auto found = std::ranges::find_if(functions, [&](const wasm::HostFunction& function) {
      return function.module == module && function.name == name;
    });
    if (found != functions.end()) return &*found;
  }
  return nullptr;
}

}  // namespace

Errno Guest::start(std::string_view name, std::span<const wasm::RawSlot> slots) {
  function_ = find_function(name);
  BRINK_CHECK(function_ != nullptr);
  function_ = &probe(*function_);
  BRINK_CHECK(function_->parameters.size() == slots.size());
  slots_.assign(slots.begin(), slots.end());
  attempts_ = 0;
  wait_.clear();
  call_.emplace(wasm::HostCall{.host = process.get(),
                               .thread = &process->main_thread(),
                               .memory = {},
                               .wait = wait_,
                               .caller = &caller,
                               .deadline = {}});
  return attempt();
}

wasm::Interrupts::Delivery Guest::deliver() {
  Signals& signals = process->main_thread().signals;
  return signals.pending() ? signals.deliver(caller) : wasm::Interrupts::Delivery::nothing;
}

Errno Guest::resume() {
  using enum wasm::Interrupts::Delivery;
  const wasm::Interrupts::Delivery delivery = deliver();
  if (delivery == ends || delivery == killed) return kExits;
  if (delivery == handled && function_->when_interrupted &&
      call_->on_signal == wasm::HostCall::OnSignal::as_declared) {
    return static_cast<Errno>(*function_->when_interrupted);
  }
  return attempt();
}

Errno Guest::attempt() {
  using enum wasm::Interrupts::Delivery;
  constexpr unsigned kMaxAttempts = 10'000;
  while (true) {
    BRINK_CHECK(attempts_ < kMaxAttempts);
    wait_.clear();
    call_->memory = wasm::GuestMemory(memory);
    call_->attempt = attempts_++;
    const wasm::Attempt attempt = function_->attempt(*call_, slots_.data());
    if (attempt.kind() == wasm::Attempt::Kind::exit) return kExits;
    if (attempt.kind() == wasm::Attempt::Kind::done) {
      const wasm::Interrupts::Delivery delivery = deliver();
      if (delivery == ends || delivery == killed) return kExits;
      return static_cast<Errno>(attempt.value());
    }
    if (const auto next = process->main_thread().signals.next()) wait_.until(*next);
    if (!wait_.yields()) return kWaits;
  }
}

std::uint32_t Guest::room(std::uint32_t size) {
  const std::uint32_t address = next_room_;
  // Odd addresses are legal, so the tests use them.
  next_room_ += size + 7;
  BRINK_CHECK(next_room_ <= memory.size());
  return address;
}

std::uint32_t Guest::put(std::string_view text) {
  const std::uint32_t address = room(static_cast<std::uint32_t>(text.size()));
  std::memcpy(memory.data() + address, text.data(), text.size());
  return address;
}

std::uint32_t Guest::open(std::string_view path, std::uint32_t oflags, Rights base,
                          Rights inheriting, std::uint32_t fdflags) {
  const std::uint32_t result = room(4);
  const Errno error = call("path_open", 3, 1, put(path), static_cast<std::uint32_t>(path.size()),
                           oflags, base.bits(), inheriting.bits(), fdflags, result);
  return error == Errno::success ? at<std::uint32_t>(result) : UINT32_MAX;
}

Errno Guest::write(std::uint32_t fd, std::string_view bytes) {
  const std::uint32_t vector = iovec(put(bytes), static_cast<std::uint32_t>(bytes.size()));
  return call("fd_write", fd, vector, 1, room(4));
}

std::string Guest::read(std::uint32_t fd, std::uint32_t size) {
  const std::uint32_t buffer = room(size);
  const std::uint32_t result = room(4);
  const Errno error = call("fd_read", fd, iovec(buffer, size), 1, result);
  if (error != Errno::success) return "(failed)";
  return text(buffer, at<std::uint32_t>(result));
}

GuestFdstat Guest::fdstat(std::uint32_t fd) {
  const std::uint32_t result = room(sizeof(GuestFdstat));
  if (call("fd_fdstat_get", fd, result) != Errno::success) return {};
  return at<GuestFdstat>(result);
}

void Guest::drop_rights(std::uint32_t fd, Rights base, Rights inheriting) {
  const GuestFdstat stat = fdstat(fd);
  BRINK_CHECK(call("fd_fdstat_set_rights", fd, stat.rights_base & ~base.bits(),
                   stat.rights_inheriting & ~inheriting.bits()) == Errno::success);
}

}  // namespace testing
}  // namespace brink::wasi
