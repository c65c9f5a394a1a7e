#pragma once

#include <cstdint>

#include "wasi/errno.h"
#include "wasi/process.h"

namespace brink::wasi {

/// What tty_get tells of the terminal that a program's standard streams are.
struct Terminal {
  /// Where there is no terminal: what programs expect of one.
  std::uint32_t columns = 80;
  std::uint32_t rows = 25;
  std::uint32_t width = 800;  ///< in pixels; of a real terminal as it says, often 0
  std::uint32_t height = 600;
  bool is_terminal[3] = {};  ///< standard input, output and error
  // Settings of the terminal; without one there is nothing to set.
  bool echo = false;
  bool line_buffered = false;  ///< ICANON
  bool line_feeds = true;      ///< ICRNL: Enter is read as a line feed
};

/// The state of the first standard stream that is a terminal of the host.
Terminal terminal_of(Process& process);

/// Sets echo, line_buffered and line_feeds. NOTTY without a terminal. Works from a
/// background process group, which an app's processes may be.
Outcome<void> set_terminal(Process& process, const Terminal& wanted);

}  // namespace brink::wasi
