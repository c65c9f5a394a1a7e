#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "wasi/abi_profile.h"
#include "wasi/errno.h"
#include "wasi/open_description.h"
#include "wasi/rights.h"

namespace brink::wasi {

/// One number of a guest's descriptor table.
struct Descriptor {
  std::shared_ptr<OpenDescription> open;  ///< null: the number is free
  Rights base;                            ///< what this descriptor may do
  Rights inheriting;                      ///< what those opened through it may do
  /// The name under which the guest is told of a preopened directory. Not owned:
  /// the file tree holds it.
  std::optional<std::string_view> preopen;
  enum class OnExec : std::uint8_t { stays, closes } on_exec = OnExec::stays;
};

/// A guest's descriptors by number. Hands out the lowest free number, as POSIX
/// requires, and never has more than `limit` numbers. Not thread-safe. A copy is a
/// second table with the same open descriptions.
class DescriptorTable {
 public:
  explicit DescriptorTable(std::uint32_t limit);

  /// The descriptor, or null. Valid until the table is changed.
  [[nodiscard]] Descriptor* find(std::uint32_t fd) noexcept;

  /// Whether add() would fail with Errno::mfile; lets a caller check before it
  /// has side effects.
  [[nodiscard]] bool full() const noexcept { return open_ >= limit_; }

  /// Puts `descriptor` at the lowest free number that is at least `from`.
  Outcome<std::uint32_t> add(Descriptor descriptor, std::uint32_t from = 0);

  /// dup(2), F_DUPFD: a second descriptor for what is open at `fd`, at the lowest
  /// free number from `from` on. It is no preopen. BADF; INVAL for a `from` beyond
  /// the limit, MFILE.
  Outcome<std::uint32_t> duplicate(std::uint32_t fd, std::uint32_t from,
                                   Descriptor::OnExec on_exec);

  /// Puts `descriptor` at `fd`, in place of what is open there. BADF for a number
  /// beyond the limit.
  Outcome<void> replace(std::uint32_t fd, Descriptor descriptor);

  /// BADF when nothing is open there. `profile` says what becomes of preopens.
  Outcome<void> close(std::uint32_t fd, const AbiProfile& profile);

  /// fd_renumber: what is open at `to` is closed first.
  Outcome<void> renumber(std::uint32_t from, std::uint32_t to, const AbiProfile& profile);

  [[nodiscard]] std::uint32_t open_count() const noexcept { return open_; }
  [[nodiscard]] std::uint32_t limit() const noexcept { return limit_; }
  /// By number; free ones have no description.
  [[nodiscard]] std::span<const Descriptor> slots() const noexcept { return slots_; }

 private:
  void put(std::uint32_t fd, Descriptor descriptor);
  void drop(std::uint32_t fd);

  std::uint32_t limit_;
  std::uint32_t open_ = 0;
  std::uint32_t lowest_free_ = 0;  ///< no number below is free
  std::vector<Descriptor> slots_;
  std::vector<std::uint32_t> epoll_sets_;  ///< the numbers of those
};

}  // namespace brink::wasi
