#include "wasi/terminal.h"

#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

namespace brink::wasi {
namespace {

/// The kernel descriptor of a standard stream that is a terminal, else -1.
int terminal_stream(Process& process, unsigned number) {
  const int fd = process.standard_stream(number)->kernel_descriptor();
  return fd >= 0 && ::isatty(fd) != 0 ? fd : -1;
}

int find_terminal(Process& process) {
  for (unsigned number = 0; number < 3; ++number) {
    if (const int fd = terminal_stream(process, number); fd >= 0) return fd;
  }
  return -1;
}

bool has(tcflag_t flags, tcflag_t bit) { return (flags & bit) != 0; }

void set(tcflag_t& flags, tcflag_t bit, bool on) { flags = on ? flags | bit : flags & ~bit; }

/// While it lives, setting a terminal from the background is no reason to be stopped.
class WithoutStop {
 public:
  WithoutStop() {
    sigset_t stop;
    ::sigemptyset(&stop);
    ::sigaddset(&stop, SIGTTOU);
    ::pthread_sigmask(SIG_BLOCK, &stop, &before_);
  }
  ~WithoutStop() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  WithoutStop(const WithoutStop&) = delete;
  WithoutStop& operator=(const WithoutStop&) = delete;

 private:
  sigset_t before_{};
};

}  // namespace

Terminal terminal_of(Process& process) {
  Terminal terminal;
  for (unsigned number = 0; number < 3; ++number) {
    terminal.is_terminal[number] = terminal_stream(process, number) >= 0;
  }
  const int fd = find_terminal(process);
  if (fd < 0) return terminal;
  winsize size{};
  if (::ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col != 0 && size.ws_row != 0) {
    terminal.columns = size.ws_col;
    terminal.rows = size.ws_row;
    terminal.width = size.ws_xpixel;
    terminal.height = size.ws_ypixel;
  }
  termios settings{};
  if (::tcgetattr(fd, &settings) == 0) {
    terminal.echo = has(settings.c_lflag, ECHO);
    terminal.line_buffered = has(settings.c_lflag, ICANON);
    terminal.line_feeds = has(settings.c_iflag, ICRNL);
  }
  return terminal;
}

Outcome<void> set_terminal(Process& process, const Terminal& wanted) {
  const int fd = find_terminal(process);
  if (fd < 0) return std::unexpected(Errno::notty);
  termios settings{};
  if (::tcgetattr(fd, &settings) != 0) return std::unexpected(from_host(errno));
  set(settings.c_lflag, ECHO, wanted.echo);
  set(settings.c_lflag, ICANON, wanted.line_buffered);
  set(settings.c_iflag, ICRNL, wanted.line_feeds);
  const WithoutStop without_stop;
  if (::tcsetattr(fd, TCSANOW, &settings) != 0) return std::unexpected(from_host(errno));
  return {};
}

}  // namespace brink::wasi
