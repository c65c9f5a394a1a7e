#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>

#include "base/unique_fd.h"
#include "net/event_loop.h"
#include "wasi/disk.h"
#include "worker/log_sink.h"

namespace brink::worker {

/// Whose guest awaits its disk job.
class DiskCustomer {
 public:
  /// A job of its has ended, or there is room for one: its guest may try again. From
  /// the event loop; must not call the desk.
  virtual void disk_answered() = 0;

 protected:
  ~DiskCustomer() = default;
};

/// Where a worker's guests hand in what waits for a disk, for the helper process at
/// the other end of a socket. At most kMost jobs are under way, forgotten ones
/// included. Without a helper, or when it has died, jobs are refused (Errno::notsup):
/// guests then wait for disks on the worker's thread, which is slow for their
/// neighbours but never wrong. One thread.
class DiskDesk final : public net::EventHandler {
 public:
  static constexpr std::size_t kMost = 64;

  /// `helper` may be empty.
  DiskDesk(net::EventLoop& loop, LogSink& log, UniqueFd helper)
      : loop_(loop), log_(log), helper_(std::move(helper)) {}
  ~DiskDesk();

  /// To be called once, before any job.
  Result<void> start();

  /// As wasi::Disk's. After Errno::again `customer` is told when there is room.
  wasi::Outcome<wasi::Disk::Ticket> begin(const wasi::Disk::Job& job, DiskCustomer& customer);
  wasi::Outcome<void> result(wasi::Disk::Ticket ticket);
  void forget(wasi::Disk::Ticket ticket);
  /// The customer awaits nothing any more.
  void leave(DiskCustomer& customer);

  void on_events(std::uint32_t events) override;

 private:
  enum class State : std::uint8_t { free, under_way, done, not_done };
  struct Place {
    State state = State::free;
    std::uint32_t generation = 0;
    DiskCustomer* customer = nullptr;  ///< null: nobody wants the result
    int error = 0;
  };

  [[nodiscard]] Place* find(wasi::Disk::Ticket ticket);
  void take_answer(wasi::Disk::Ticket ticket, int error);
  void free(Place& place);
  void close_down();

  net::EventLoop& loop_;
  LogSink& log_;
  UniqueFd helper_;
  std::array<Place, kMost> places_;
  std::deque<DiskCustomer*> waiting_;  ///< for a place; each once
};

/// One exchange's way to the desk.
class GuestDisk final : public wasi::Disk {
 public:
  GuestDisk(DiskDesk& desk, DiskCustomer& customer) : desk_(desk), customer_(customer) {}
  wasi::Outcome<Ticket> begin(const Job& job) noexcept override {
    return desk_.begin(job, customer_);
  }
  wasi::Outcome<void> result(Ticket ticket) noexcept override { return desk_.result(ticket); }
  void forget(Ticket ticket) noexcept override { desk_.forget(ticket); }

 private:
  DiskDesk& desk_;
  DiskCustomer& customer_;
};

}  // namespace brink::worker
