#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/unique_fd.h"
#include "base/units.h"
#include "wasi/abi_profile.h"
#include "wasi/borrowed_identity.h"
#include "wasi/descriptor_table.h"
#include "wasi/disk.h"
#include "wasi/family.h"
#include "wasi/guest_address.h"
#include "wasi/guest_time.h"
#include "wasi/random.h"
#include "wasi/signals.h"
#include "wasi/stream.h"
#include "wasi/string_block.h"
#include "wasi/thread.h"
#include "wasm/host_call.h"

namespace brink::wasi {

namespace files {
class FileSpace;
}  // namespace files
class Network;
class Resolver;

/// Bounds on what one guest can make the host hold or do.
struct ProcessLimits {
  std::uint32_t descriptors = 256;
  std::uint32_t iovecs = 1024;  ///< per call; more is EINVAL, as IOV_MAX
  std::uint32_t subscriptions = 4096;
  ByteSize per_attempt{1 << 20};  ///< bytes moved before others get their turn
};

/// What an embedder gives a guest. References are not owned and outlive the
/// Process.
struct ProcessSetup {
  const StringBlock& args;
  const StringBlock& environ;
  InputStream& in;
  OutputStream& out;
  OutputStream& err;
  /// The guest's files; null: it has none, and no preopened directories.
  files::FileSpace* files = nullptr;
  /// Waits for disks; null: this thread may do that itself.
  Disk* disk = nullptr;
  const Clock& clock;
  const GuestTime& time;
  RandomSource& random;
  /// What of the network it may use; null: socket pairs only.
  Network* network = nullptr;
  /// How it gets ports; see PortOrder.
  PortOrder port_order = PortOrder::little_endian;
  /// Its threads and other processes; null: it is alone, as in a worker.
  Family* family = nullptr;
  AbiProfile profile = kStandard;
  ProcessLimits limits{};
  std::string_view directory = "/";  ///< where it starts: absolute; copied
};

/// The state of one guest as its host calls see it: arguments, descriptors,
/// files, clocks, and how it ended. HostCall::host points to it.
///
/// Cheap to construct, one per instance: no system call. Used by one thread at a
/// time; an executor with several guest threads runs one attempt at a time under
/// its own lock, which is held only briefly because attempts never block.
class Process {
 public:
  /// Descriptors 0 to 2 are the three streams, the preopened directories of
  /// `setup.files` follow from 3 on.
  explicit Process(const ProcessSetup& setup);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  /// The guest that makes `call`.
  static Process& of(const wasm::HostCall& call) { return *static_cast<Process*>(call.host); }

  /// Gives the guest a kernel socket, a listener or a connection, at the lowest
  /// free number: how `sock_accept` programs get their listeners. The socket's
  /// file description becomes non-blocking.
  Outcome<std::uint32_t> add_socket(UniqueFd socket);

  /// The working directory as the host knows it: absolute, normalised, without links.
  /// Programs keep their own and send absolute paths; this one is what they start
  /// with and pass on to those they run.
  [[nodiscard]] const std::string& directory() const { return directory_; }
  void set_directory(std::string directory) { directory_ = std::move(directory); }

  /// The time of day as this guest has set it, which others do not see.
  [[nodiscard]] Duration wall() const { return setup_.clock.wall() + wall_offset_; }
  void set_wall(Duration since_epoch) { wall_offset_ = since_epoch - setup_.clock.wall(); }

  /// In a forked child, before its guest goes on: makes anew what its descriptors
  /// must not share with the parent.
  void after_fork_in_child() noexcept;

  [[nodiscard]] const StringBlock& args() const { return setup_.args; }
  [[nodiscard]] const StringBlock& environ() const { return setup_.environ; }
  [[nodiscard]] const Clock& clock() const { return setup_.clock; }
  [[nodiscard]] const GuestTime& time() const { return setup_.time; }
  [[nodiscard]] RandomSource& random() const { return setup_.random; }
  [[nodiscard]] const AbiProfile& profile() const { return setup_.profile; }
  [[nodiscard]] const ProcessLimits& limits() const { return setup_.limits; }
  [[nodiscard]] Network* network() const { return setup_.network; }
  [[nodiscard]] PortOrder port_order() const { return setup_.port_order; }
  /// Its look-ups of names; comes into being with the first.
  [[nodiscard]] Resolver& resolver();
  [[nodiscard]] Family* family() const { return setup_.family; }
  /// The thread that runs `_start`.
  [[nodiscard]] Thread& main_thread() { return main_thread_; }
  [[nodiscard]] Disk* disk() const { return setup_.disk; }
  [[nodiscard]] files::FileSpace* files() const { return setup_.files; }
  [[nodiscard]] DescriptorTable& descriptors() { return descriptors_; }

  /// The standard streams, for /dev/stdin, /dev/stdout and /dev/stderr: the same
  /// description as long as the guest has it open, else a new one.
  [[nodiscard]] std::shared_ptr<OpenDescription> standard_stream(unsigned number);

  [[nodiscard]] ProcessSignals& signals() { return signals_; }

  /// Its number as the guest is told: while it acts as its own child, the child's.
  [[nodiscard]] std::uint32_t pid() const {
    if (borrowed_) return borrowed_->child;
    return setup_.family ? setup_.family->pid() : 1;
  }
  /// While the process acts as its own child (proc_fork_env).
  [[nodiscard]] const std::optional<BorrowedIdentity>& borrowed() const { return borrowed_; }
  void borrow(std::uint32_t child) { borrowed_.emplace(child, descriptors_, directory_); }
  /// Back to the process's own identity, and its descriptors as they were. The child.
  std::uint32_t give_back();

  /// Set once the guest has called proc_exit or got a signal that ends it; from any
  /// thread.
  [[nodiscard]] std::optional<ProcessExit> exit() const {
    const std::uint64_t packed = exit_.load(std::memory_order_acquire);
    if (packed == kRuns) return std::nullopt;
    return ProcessExit{static_cast<ProcessExit::Reason>(packed >> 32),
                       static_cast<std::uint32_t>(packed)};
  }
  void set_exit(ProcessExit exit) {
    exit_.store(std::uint64_t{static_cast<std::uint8_t>(exit.reason)} << 32 | exit.value,
                std::memory_order_release);
  }

 private:
  void add_preopens();

  static constexpr std::uint64_t kRuns = ~std::uint64_t{0};

  ProcessSetup setup_;
  DescriptorTable descriptors_;
  ProcessSignals signals_;
  Thread main_thread_;
  std::weak_ptr<OpenDescription> standard_[3];
  std::unique_ptr<Resolver> resolver_;
  std::atomic<std::uint64_t> exit_{kRuns};
  std::string directory_;
  std::optional<BorrowedIdentity> borrowed_;
  Duration wall_offset_{0};
};

}  // namespace brink::wasi
