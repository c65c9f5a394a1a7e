#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <functional>
#include <iosfwd>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "wasi/abi_profile.h"
#include "wasi/files/file_space.h"
#include "wasi/network.h"
#include "wasi/process.h"
#include "wasi/testing/fake_streams.h"
#include "wasi/types.h"
#include "wasm/host_call.h"

namespace brink::wasi {

/// Readable failures of EXPECT_EQ.
void PrintTo(Errno error, std::ostream* out);

namespace testing {

/// What call() says instead of an error number.
inline constexpr Errno kWaits{1000};  ///< the attempt awaits what wait() holds
inline constexpr Errno kExits{1001};  ///< the program ended

class FakeTime final : public GuestTime {
 public:
  [[nodiscard]] Duration process_cpu() const noexcept override { return Duration(7'000); }
  [[nodiscard]] Duration thread_cpu() const noexcept override { return Duration(5'000); }
};

/// Counts up, so that every byte says when it was drawn.
class CountingRandom final : public RandomSource {
 public:
  [[nodiscard]] Outcome<void> fill(std::span<std::byte> bytes) noexcept override {
    ++calls;
    if (broken) return std::unexpected(Errno::io);
    for (std::byte& byte : bytes) byte = static_cast<std::byte>(next++ % 251);
    return {};
  }
  std::uint64_t next = 0;
  unsigned calls = 0;
  bool broken = false;
};

/// A directory on the host that vanishes with this object.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] UniqueFd open() const;
  void write(std::string_view name, std::string_view content) const;
  [[nodiscard]] std::string read(std::string_view name) const;

 private:
  std::string path_;
};

/// The program's own code, as far as signals run it.
class FakeCaller final : public wasm::Caller {
 public:
  [[nodiscard]] bool exports(std::string_view name) const noexcept override {
    return exported.contains(std::string(name));
  }
  Ran call(std::string_view name, std::span<const std::uint32_t> arguments) noexcept override {
    if (!exports(name)) return Ran::missing;
    called.emplace_back(arguments.begin(), arguments.end());
    return handler ? handler(arguments[0]) : Ran::returned;
  }
  bool save_stack(std::uint64_t id, std::uint32_t /*place*/) noexcept override {
    if (asyncified) stacks.insert(id);
    return asyncified;
  }
  bool restore_stack(std::uint64_t id) noexcept override {
    restored = id;
    return stacks.contains(id);
  }

  std::set<std::string> exported;
  std::vector<std::vector<std::uint32_t>> called;  ///< with which arguments
  std::function<Ran(std::uint32_t)> handler;
  bool asyncified = false;
  std::set<std::uint64_t> stacks;
  std::optional<std::uint64_t> restored;
};

struct GuestOptions {
  AbiProfile profile = kStandard;
  ProcessLimits limits{};
  std::uint32_t memory = 64 << 10;
  Network* network = nullptr;
  PortOrder port_order = PortOrder::little_endian;
  Disk* disk = nullptr;                          ///< outlives the guest
  files::Origin origin = files::Origin::volume;  ///< of its directory
  files::ScratchHome* scratch = nullptr;         ///< outlives the guest; null: none
  Family* family = nullptr;
};

/// A guest without an engine: a memory, a Process with fake surroundings, and
/// calls through the table of preview1 as the engine makes them. Its files are a
/// temporary directory, writable and preopened as "/" (descriptor 3).
class Guest {
 public:
  explicit Guest(const GuestOptions& options = {});

  /// Calls by name ("fd_read", or "module.name" where several modules offer
  /// different ones) until the call ends or has to wait for something other than
  /// its next turn.
  template <class... Args>
  Errno call(std::string_view name, Args... arguments) {
    const std::array<wasm::RawSlot, sizeof...(Args) + 1> slots = {slot(arguments)...};
    return start(name, std::span(slots).first(sizeof...(Args)));
  }
  /// The next attempt of a call that waits. Pending signals are delivered before it,
  /// as they are at the end of calls.
  Errno resume();
  /// Attempts the last call took.
  [[nodiscard]] unsigned attempts() const { return attempts_; }
  [[nodiscard]] const wasm::WaitSet& wait() const { return wait_; }

  /// Places in the guest's memory. Fresh ones are filled with 0xAA.
  std::uint32_t room(std::uint32_t size);
  std::uint32_t put(std::string_view text);
  template <class T>
  std::uint32_t put_value(const T& value) {
    return put({reinterpret_cast<const char*>(&value), sizeof value});
  }
  /// An array of one iovec for `size` bytes at `address`.
  std::uint32_t iovec(std::uint32_t address, std::uint32_t size) {
    return put_value(GuestIovec{address, size});
  }
  template <class T>
  [[nodiscard]] T at(std::uint32_t address) const {
    T value;
    std::memcpy(&value, memory.data() + address, sizeof value);
    return value;
  }
  [[nodiscard]] std::string text(std::uint32_t address, std::uint32_t size) const {
    return {reinterpret_cast<const char*>(memory.data()) + address, size};
  }

  /// Opens below the preopened root and says which descriptor.
  std::uint32_t open(std::string_view path, std::uint32_t oflags = 0,
                     Rights base = kInheritableRights.without(right::fd_write),
                     Rights inheriting = kInheritableRights, std::uint32_t fdflags = 0);
  /// fd_write and fd_read with one buffer.
  Errno write(std::uint32_t fd, std::string_view bytes);
  std::string read(std::uint32_t fd, std::uint32_t size);
  GuestFdstat fdstat(std::uint32_t fd);
  void drop_rights(std::uint32_t fd, Rights base, Rights inheriting = Rights());

  TemporaryDirectory directory;
  FakeInput in;
  FakeOutput out;
  FakeOutput err;
  ManualClock clock;
  FakeTime time;
  CountingRandom random;
  StringBlock args;
  StringBlock environ;
  std::vector<std::byte> memory;
  std::unique_ptr<files::FileTree> tree;
  std::unique_ptr<files::FileSpace> space;
  std::unique_ptr<Process> process;
  FakeCaller caller;

 private:
  template <std::integral T>
  static wasm::RawSlot slot(T value) {
    // As the engine: the upper half of a 32-bit argument is undefined.
    const auto bits = static_cast<std::uint64_t>(value);
    return {sizeof(T) == 4 ? (bits & 0xffff'ffff) | 0xdead'0000'0000'0000 : bits, ~0ULL};
  }
  Errno start(std::string_view name, std::span<const wasm::RawSlot> slots);
  Errno attempt();
  wasm::Interrupts::Delivery deliver();

  wasm::WaitSet wait_;
  std::vector<wasm::RawSlot> slots_;
  const wasm::HostFunction* function_ = nullptr;
  std::optional<wasm::HostCall> call_;
  unsigned attempts_ = 0;
  std::uint32_t next_room_ = 64;
};

}  // namespace testing
}  // namespace brink::wasi
