#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>

#include "wasi/testing/guest.h"

namespace brink::wasi::testing {
namespace {

struct Tty {
  std::uint32_t columns, rows, width, height;
  std::uint8_t in, out, err, echo, line_buffered, line_feeds;
  std::uint8_t pad[2];
};
static_assert(sizeof(Tty) == 24);

Tty tty_of(Guest& guest) {
  const auto result = guest.room(24);
  EXPECT_EQ(guest.call("tty_get", result), Errno::success);
  return guest.at<Tty>(result);
}

/// A terminal of the host; nobody reads or writes it.
class PseudoTerminal {
 public:
  PseudoTerminal() : master_(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)) {
    EXPECT_EQ(::grantpt(master_.get()), 0);
    EXPECT_EQ(::unlockpt(master_.get()), 0);
    terminal_ = UniqueFd(::open(::ptsname(master_.get()), O_RDWR | O_NOCTTY | O_CLOEXEC));
    EXPECT_TRUE(terminal_);
  }
  [[nodiscard]] int fd() const { return terminal_.get(); }
  [[nodiscard]] termios settings() const {
    termios settings{};
    EXPECT_EQ(::tcgetattr(fd(), &settings), 0);
    return settings;
  }

 private:
  UniqueFd master_;
  UniqueFd terminal_;
};

TEST(Tty, WithoutATerminalHasAUsualSizeAndNothingToSet) {
  Guest guest({.profile = kWasix});
  const Tty tty = tty_of(guest);
  EXPECT_EQ(tty.columns, 80u);
  EXPECT_EQ(tty.rows, 25u);
  EXPECT_EQ(tty.in + tty.out + tty.err + tty.echo + tty.line_buffered, 0);
  EXPECT_EQ(guest.call("tty_set", guest.put_value(tty)), Errno::notty);
}

TEST(Tty, TellsSizeAndSettingsOfTheTerminal) {
  const PseudoTerminal terminal;
  const winsize size{.ws_row = 50, .ws_col = 132, .ws_xpixel = 1000, .ws_ypixel = 700};
  ASSERT_EQ(::ioctl(terminal.fd(), TIOCSWINSZ, &size), 0);
  Guest guest({.profile = kWasix});
  guest.in.set_kernel_descriptor(terminal.fd());
  const Tty tty = tty_of(guest);
  EXPECT_EQ(tty.columns, 132u);
  EXPECT_EQ(tty.rows, 50u);
  EXPECT_EQ(tty.width, 1000u);
  EXPECT_EQ(tty.height, 700u);
  EXPECT_EQ(tty.in, 1);
  EXPECT_EQ(tty.out, 0);
  EXPECT_EQ(tty.echo, 1);
  EXPECT_EQ(tty.line_buffered, 1);
  EXPECT_EQ(tty.line_feeds, 1);
}

TEST(Tty, SetsEchoAndLineModeAndNothingElse) {
  const PseudoTerminal terminal;
  const termios before = terminal.settings();
  Guest guest({.profile = kWasix});
  guest.in.set_kernel_descriptor(terminal.fd());
  Tty tty = tty_of(guest);
  tty.echo = tty.line_buffered = 0;
  tty.columns = 1;
  ASSERT_EQ(guest.call("tty_set", guest.put_value(tty)), Errno::success);
  const termios after = terminal.settings();
  EXPECT_EQ(after.c_lflag, before.c_lflag & ~static_cast<tcflag_t>(ECHO | ICANON));
  EXPECT_EQ(after.c_iflag, before.c_iflag);
  EXPECT_EQ(after.c_oflag, before.c_oflag);
  EXPECT_EQ(tty_of(guest).echo, 0);
  EXPECT_EQ(tty_of(guest).columns, 80u) << "the size is the terminal's own business";
  tty.echo = tty.line_buffered = 1;
  tty.line_feeds = 0;
  ASSERT_EQ(guest.call("tty_set", guest.put_value(tty)), Errno::success);
  EXPECT_EQ(terminal.settings().c_lflag, before.c_lflag);
  EXPECT_EQ(terminal.settings().c_iflag, before.c_iflag & ~static_cast<tcflag_t>(ICRNL));
}

TEST(Tty, ChecksItsBuffer) {
  Guest guest({.profile = kWasix});
  EXPECT_EQ(guest.call("tty_get", ~0u), Errno::fault);
  EXPECT_EQ(guest.call("tty_set", ~0u), Errno::fault);
}

}  // namespace
}  // namespace brink::wasi::testing
