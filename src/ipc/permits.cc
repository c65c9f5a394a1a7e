#include "ipc/permits.h"

#include <algorithm>

namespace brink::ipc {
namespace {

constexpr std::uint64_t kFree = 0;
constexpr std::uint64_t kHandedOver = std::uint64_t{1} << 31;

/// Generation above, seat below; never kFree, because generations start at 1.
std::uint64_t holder(Seat seat) {
  return static_cast<std::uint64_t>(seat.generation) << 32 | (seat.index & (kHandedOver - 1));
}

bool exchange(Permits::Word& word, std::uint64_t from, std::uint64_t to) {
  return word.compare_exchange_strong(from, to);
}

}  // namespace

std::optional<Permit> Permits::try_take(Seat seat, std::uint32_t& hint) noexcept {
  const std::uint32_t count = limit();
  if (count == 0) return std::nullopt;
  std::uint32_t index = hint < count ? hint : hint % count;
  for (std::uint32_t i = 0; i < count; ++i) {
    if (words_[index].load() == kFree && exchange(words_[index], kFree, holder(seat))) {
      hint = index;
      return Permit{index};
    }
    if (++index == count) index = 0;
  }
  return std::nullopt;
}

bool Permits::release(Permit permit, Seat seat) noexcept {
  Word* const word = at(permit);
  return word != nullptr && (exchange(*word, holder(seat), kFree) ||
                             exchange(*word, holder(seat) | kHandedOver, kFree));
}

void Permits::mark_handed_over(Permit permit, Seat seat) noexcept {
  if (Word* const word = at(permit)) exchange(*word, holder(seat), holder(seat) | kHandedOver);
}

SeatRemains Permits::free_seat(Seat seat) {
  SeatRemains remains;
  for (std::uint32_t i = 0; i < capacity(); ++i) {
    const std::uint64_t value = words_[i].load();
    if (value == holder(seat) && exchange(words_[i], value, kFree)) ++remains.freed;
    if (value == (holder(seat) | kHandedOver)) remains.handed_over.push_back({i});
  }
  return remains;
}

bool Permits::release_orphan(Permit permit, Seat seat) noexcept {
  Word* const word = at(permit);
  return word != nullptr && exchange(*word, holder(seat) | kHandedOver, kFree);
}

std::uint32_t Permits::held() const noexcept {
  return static_cast<std::uint32_t>(std::ranges::count_if(
      words_, [](const Word& word) { return word.load(std::memory_order_relaxed) != kFree; }));
}

bool Permits::any_free() const noexcept {
  return std::ranges::any_of(words_.first(limit()),
                             [](const Word& word) { return word.load() == kFree; });
}

std::uint32_t Permits::limit() const noexcept { return std::min(limit_->load(), capacity()); }

void Permits::set_limit(std::uint32_t limit) noexcept {
  limit_->store(std::min(limit, capacity()));
}

}  // namespace brink::ipc
