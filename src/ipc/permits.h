#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "ipc/seat.h"

namespace brink::ipc {

/// One admission held: the number of its word. Give it back to the same Permits.
struct Permit {
  std::uint32_t word = 0;
  bool operator==(const Permit&) const = default;
};

/// What free_seat found of a dead worker.
struct SeatRemains {
  std::uint32_t freed = 0;          ///< words that are free now
  std::vector<Permit> handed_over;  ///< still held: the request lives on in an app process
};

/// The admissions of one app over all workers: one word each in shared memory,
/// free (0) or its holder, taken and given back by one compare-exchange. There is
/// no total to get out of step: what is held is what the words say, also after a
/// kill -9 between any two instructions.
///
/// A view; the page must outlive it. All methods may be called from any process at
/// any time. The other side may be compromised: a wrong word costs admissions,
/// never memory safety.
class Permits {
 public:
  using Word = std::atomic<std::uint64_t>;

  Permits(std::span<Word> words, std::atomic<std::uint32_t>& limit) noexcept
      : words_(words), limit_(&limit) {}

  /// Takes a free word among the first limit() ones, if there is one. `hint` is
  /// where this caller begins to look; kept by the caller, moved by the call. At
  /// most limit() words are read. Sequentially consistent.
  std::optional<Permit> try_take(Seat seat, std::uint32_t& hint) noexcept;

  /// Gives it back. False if `seat` does not hold it (any more).
  bool release(Permit permit, Seat seat) noexcept;

  /// Marks that the request left the worker: if the worker dies, the word stays
  /// held until release_orphan.
  void mark_handed_over(Permit permit, Seat seat) noexcept;

  /// The node, after the process on `seat` has been reaped: frees what it held.
  SeatRemains free_seat(Seat seat);

  /// The node: frees a word that free_seat left, once its request has ended.
  bool release_orphan(Permit permit, Seat seat) noexcept;

  /// Words held now: exact at an instant when nobody moves. O(capacity).
  [[nodiscard]] std::uint32_t held() const noexcept;

  [[nodiscard]] bool any_free() const noexcept;
  [[nodiscard]] std::uint32_t limit() const noexcept;

  /// The node. Clamped to the capacity. After lowering it, holders beyond the new
  /// limit finish undisturbed.
  void set_limit(std::uint32_t limit) noexcept;

  [[nodiscard]] std::uint32_t capacity() const noexcept {
    return static_cast<std::uint32_t>(words_.size());
  }

 private:
  [[nodiscard]] Word* at(Permit permit) const noexcept {
    return permit.word < words_.size() ? &words_[permit.word] : nullptr;
  }

  std::span<Word> words_;
  std::atomic<std::uint32_t>* limit_;
};

}  // namespace brink::ipc
