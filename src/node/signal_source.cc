#include "node/signal_source.h"

#include <unistd.h>

#include <cerrno>

namespace brink::node {

Result<std::unique_ptr<SignalSource>> SignalSource::create(net::EventLoop& loop,
                                                           std::initializer_list<int> signals,
                                                           std::function<void(int)> on_signal) {
  sigset_t set;
  ::sigemptyset(&set);
  for (const int signal : signals) ::sigaddset(&set, signal);
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  UniqueFd fd(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!fd) return std::unexpected(errno_error(ErrorCode::internal, "signalfd", errno));
  std::unique_ptr<SignalSource> source(new SignalSource(loop, std::move(fd), std::move(on_signal)));
  TRY_VOID(loop.watch(source->fd_.get(), EPOLLIN, *source));
  return source;
}

void SignalSource::on_events(std::uint32_t /*events*/) {
  signalfd_siginfo info{};
  while (::read(fd_.get(), &info, sizeof(info)) == sizeof(info)) {
    on_signal_(static_cast<int>(info.ssi_signo));
  }
}

}  // namespace brink::node
