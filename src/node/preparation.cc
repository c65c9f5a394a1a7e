#include "node/preparation.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <utility>

namespace brink::node {

Result<std::unique_ptr<Preparation>> Preparation::create(net::EventLoop& loop, Work work,
                                                         Done done) {
  UniqueFd finished(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!finished) return std::unexpected(errno_error(ErrorCode::internal, "eventfd", errno));
  std::unique_ptr<Preparation> preparation(
      new Preparation(loop, std::move(finished), std::move(work), std::move(done)));
  TRY_VOID(loop.watch(preparation->finished_.get(), EPOLLIN, *preparation));
  preparation->watched_ = true;
  return preparation;
}

Preparation::~Preparation() {
  cancel();
  if (thread_.joinable()) thread_.join();
  if (watched_) loop_.unwatch(finished_.get(), *this);
}

void Preparation::begin() {
  if (cancelled_) return;
  if (under_way()) {
    once_more_ = true;
    return;
  }
  thread_ = std::thread([this] {
    result_ = work_(cancelled_);
    const std::uint64_t one = 1;
    (void)!::write(finished_.get(), &one, sizeof(one));
  });
}

void Preparation::cancel() { cancelled_ = true; }

void Preparation::on_events(std::uint32_t /*events*/) {
  std::uint64_t count = 0;
  if (::read(finished_.get(), &count, sizeof(count)) != sizeof(count)) return;
  thread_.join();
  Result<PreparedApp> result = std::move(*result_);
  result_.reset();
  if (cancelled_) return;
  done_(std::move(result));
  if (std::exchange(once_more_, false)) begin();
}

}  // namespace brink::node
