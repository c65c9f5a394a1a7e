// Random calls with random arguments on a small memory: nothing may crash, and
// nothing outside of the guest's memory may be touched. The input is a sequence
// of calls: two bytes choose the function, then each argument is one byte that
// says what kind of value it is, and the bytes of that value.

#include <signal.h>
#include <sys/resource.h>

#include <cstddef>
#include <cstdint>
#include <span>

#include "wasi/call_table.h"
#include "wasi/testing/guest.h"

namespace {

using brink::wasi::testing::Guest;
namespace wasm = brink::wasm;

class Input {
 public:
  explicit Input(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}
  [[nodiscard]] bool empty() const { return bytes_.empty(); }

  std::uint64_t take(std::size_t size) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < size && !bytes_.empty(); ++i) {
      value |= std::uint64_t{bytes_.front()} << (8 * i);
      bytes_ = bytes_.subspan(1);
    }
    return value;
  }

  /// Small numbers, addresses, borders and anything.
  std::uint64_t argument() {
    switch (take(1) % 5) {
      case 0:
        return take(1) % 8;
      case 1:
        return take(2);
      case 2:
        return (std::uint64_t{64} << 10) - take(1);
      case 3:
        return ~take(1);
      default:
        return take(8);
    }
  }

 private:
  std::span<const std::uint8_t> bytes_;
};

void make_call(Guest& guest, Input& input) {
  constexpr unsigned kMaxAttempts = 4;
  const auto functions = brink::wasi::host_functions();
  const wasm::HostFunction& function = functions[input.take(2) % functions.size()];
  std::array<wasm::RawSlot, 16> slots{};
  for (std::size_t i = 0; i < function.parameters.size(); ++i) slots[i].low = input.argument();
  wasm::WaitSet wait;
  wasm::HostCall call{.host = guest.process.get(),
                      .thread = &guest.process->main_thread(),
                      .memory = {},
                      .wait = wait,
                      .deadline = {}};
  for (; call.attempt < kMaxAttempts; ++call.attempt) {
    wait.clear();
    call.memory = wasm::GuestMemory(guest.memory);
    if (function.attempt(call, slots.data()).kind() != wasm::Attempt::Kind::again) return;
    guest.clock.advance(std::chrono::milliseconds(1));
  }
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  // Files must not fill the disk: writing and allocating beyond this is EFBIG.
  const rlimit limit{.rlim_cur = 4 << 20, .rlim_max = 4 << 20};
  ::setrlimit(RLIMIT_FSIZE, &limit);
  ::signal(SIGXFSZ, SIG_IGN);
  ::signal(SIGPIPE, SIG_IGN);  // as every process with guests does
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Input input({data, size});
  Guest guest({.profile = input.take(1) % 2 == 0 ? brink::wasi::kStandard : brink::wasi::kWasix,
               .limits = {.descriptors = 16, .per_attempt = brink::ByteSize(4096)}});
  guest.in.push("some input");
  guest.out.set_room(1 << 16);
  // The first 4 KiB of the memory are the input itself: structures and paths.
  for (std::size_t i = 0; i < size && i < 4096; ++i) guest.memory[i] = std::byte{data[i]};
  constexpr int kMaxCalls = 64;
  for (int i = 0; i < kMaxCalls && !input.empty(); ++i) make_call(guest, input);
  return 0;
}
