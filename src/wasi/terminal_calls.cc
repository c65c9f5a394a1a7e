#include <cstddef>

#include "wasi/call_support.h"
#include "wasi/calls.h"
#include "wasi/terminal.h"

namespace brink::wasi::calls {
namespace {

struct GuestTty {
  u32 columns;
  u32 rows;
  u32 width;
  u32 height;
  std::uint8_t stdin_terminal;
  std::uint8_t stdout_terminal;
  std::uint8_t stderr_terminal;
  std::uint8_t echo;
  std::uint8_t line_buffered;
  std::uint8_t line_feeds;
  std::uint8_t pad[2];
};
static_assert(sizeof(GuestTty) == 24);
static_assert(offsetof(GuestTty, stdin_terminal) == 16);

std::uint8_t flag(bool value) { return value ? 1 : 0; }

}  // namespace

Outcome<void> tty_get(HostCall& call, u32 tty_out) {
  const Terminal terminal = terminal_of(Process::of(call));
  const GuestTty tty{.columns = terminal.columns,
                     .rows = terminal.rows,
                     .width = terminal.width,
                     .height = terminal.height,
                     .stdin_terminal = flag(terminal.is_terminal[0]),
                     .stdout_terminal = flag(terminal.is_terminal[1]),
                     .stderr_terminal = flag(terminal.is_terminal[2]),
                     .echo = flag(terminal.echo),
                     .line_buffered = flag(terminal.line_buffered),
                     .line_feeds = flag(terminal.line_feeds),
                     .pad = {}};
  return store(call, tty_out, tty);
}

Outcome<void> tty_set(HostCall& call, u32 tty) {
  TRY(const auto wanted, load<GuestTty>(call, tty));
  Terminal terminal;
  terminal.echo = wanted.echo != 0;
  terminal.line_buffered = wanted.line_buffered != 0;
  terminal.line_feeds = wanted.line_feeds != 0;
  return set_terminal(Process::of(call), terminal);
}

}  // namespace brink::wasi::calls
