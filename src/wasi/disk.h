#pragma once

#include <cstdint>
#include <optional>

#include "wasi/errno.h"

namespace brink::wasi {

/// Waits for disks in place of a thread that must not, a worker's: jobs are begun,
/// and their results fetched by later attempts of the same host call, which awaits
/// them as WaitSet::on_disk. Used by one thread.
class Disk {
 public:
  enum class Work : std::uint8_t {
    load,  ///< reads a range, so that it is in memory then
    sync_data,
    sync_all,
  };
  struct Job {
    Work work = Work::load;
    int fd = -1;  ///< may be closed as soon as the job has begun
    std::uint64_t offset = 0;
    std::uint64_t length = 0;
  };
  using Ticket = std::uint64_t;

  virtual ~Disk() = default;

  /// Errno::again when there is no room for another job now (this is awaited as a
  /// result is), Errno::notsup when nobody does jobs: the caller may block then.
  virtual Outcome<Ticket> begin(const Job& job) noexcept = 0;
  /// Errno::again while it is under way. Anything else uses up the ticket;
  /// Errno::notsup: it was not done.
  virtual Outcome<void> result(Ticket ticket) noexcept = 0;
  /// Nobody will ask for the result.
  virtual void forget(Ticket ticket) noexcept = 0;
};

/// At most one job at a time, forgotten with this object.
class DiskJob {
 public:
  /// `disk` may be null; else it outlives this.
  explicit DiskJob(Disk* disk) noexcept : disk_(disk) {}
  DiskJob(const DiskJob&) = delete;
  DiskJob& operator=(const DiskJob&) = delete;
  ~DiskJob() {
    if (ticket_) disk_->forget(*ticket_);
  }

  [[nodiscard]] bool under_way() const noexcept { return ticket_.has_value(); }

  Outcome<void> begin(const Disk::Job& job) noexcept {
    const auto ticket = disk_->begin(job);
    if (!ticket) return std::unexpected(ticket.error());
    ticket_ = *ticket;
    return {};
  }
  Outcome<void> result() noexcept {
    const auto result = disk_->result(*ticket_);
    if (result || result.error() != Errno::again) ticket_.reset();
    return result;
  }

 private:
  Disk* disk_;
  std::optional<Disk::Ticket> ticket_;
};

}  // namespace brink::wasi
