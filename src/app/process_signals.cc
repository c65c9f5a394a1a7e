#include "app/process_signals.h"

#include <atomic>
#include <cerrno>
#include <csignal>

namespace brink::app {
namespace {

// A signal handler has nothing else to know it by.
std::atomic<GuestThreads*> receiver{nullptr};  // NOLINT(*-non-const-global-variables)

void pass_on(int number) {
  if (GuestThreads* threads = receiver.load()) threads->raise(static_cast<std::uint32_t>(number));
}

}  // namespace

void pass_on_signals(GuestThreads& threads) {
  receiver.store(&threads);
  struct sigaction action{};
  action.sa_handler = pass_on;
  action.sa_flags = SA_ONSTACK | SA_RESTART;
  sigfillset(&action.sa_mask);
  for (const int number : {SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGUSR1, SIGWINCH, SIGCONT}) {
    ::sigaction(number, &action, nullptr);
  }
}

}  // namespace brink::app
