#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/unique_fd.h"
#include "wasi/open_description.h"

namespace brink::wasi {

/// Events of epoll_ctl and epoll_wait: WASIX's bits, which are not Linux's.
namespace epoll_bit {
inline constexpr std::uint32_t in = 0x01;
inline constexpr std::uint32_t out = 0x02;
inline constexpr std::uint32_t rdhup = 0x04;
inline constexpr std::uint32_t pri = 0x08;
inline constexpr std::uint32_t err = 0x10;
inline constexpr std::uint32_t hup = 0x20;
inline constexpr std::uint32_t et = 0x40;
inline constexpr std::uint32_t oneshot = 0x80;
}  // namespace epoll_bit

/// An epoll set as a descriptor: a kernel epoll for what has a kernel descriptor that
/// it takes, and beside it those that it does not (regular files, a worker's standard
/// streams, other sets), which are asked at every wait. Level triggered unless told
/// otherwise; files are always ready. Edge-triggered members that are asked report
/// anew when a read or write had to wait since, or when they were seen not ready.
///
/// As on Linux a member is a number together with what was open there: it stays while
/// a duplicate of its description is open, and goes with the last one
/// (DescriptorTable sees to that). Unlike Linux a forked child gets a set of its own.
///
/// Used by one thread at a time; waiting in the kernel on its descriptor is not use.
class EpollSet final : public OpenDescription {
 public:
  /// What comes back with an event, exactly as it was registered.
  struct UserData {
    std::uint32_t pointer = 0;
    std::uint32_t fd = 0;
    std::uint32_t data1 = 0;
    std::uint64_t data2 = 0;
  };
  struct Interest {
    std::uint32_t events = 0;
    UserData data;
  };
  struct Event {
    std::uint32_t events;
    UserData data;
  };

  /// The most events of one collect().
  static constexpr std::size_t kMaxEvents = 128;

  /// A set of at most `limit` members.
  static Outcome<std::shared_ptr<EpollSet>> create(std::uint32_t limit);

  EpollSet(UniqueFd kernel, std::uint32_t limit) : kernel_(std::move(kernel)), limit_(limit) {}

  ~EpollSet() override;
  EpollSet(const EpollSet&) = delete;
  EpollSet& operator=(const EpollSet&) = delete;

  /// Adds a member or replaces what it waits for, and arms it again. NOSPC at the
  /// limit; LOOP for a set inside a set that has sets or is in one: what one wait may
  /// ask is bounded so.
  Outcome<void> put(std::uint32_t fd, const std::shared_ptr<OpenDescription>& open,
                    const Interest& interest);
  /// Does nothing for what is no member.
  void remove(std::uint32_t fd, const OpenDescription& open);
  /// Removes all members of a description, which is about to go.
  void forget(const OpenDescription& open) noexcept;

  /// Takes what has happened, at most `events.size()` and kMaxEvents; how many.
  Outcome<std::size_t> collect(std::span<Event> events);
  /// Adds what may make collect() find something.
  void add_wait(wasm::WaitSet& wait) noexcept;

  [[nodiscard]] FileType type() const noexcept override { return FileType::unknown; }
  [[nodiscard]] std::uint16_t flags() const noexcept override { return flags_; }
  Outcome<void> set_flags(std::uint16_t flags) noexcept override;
  /// INVAL, as read(2) and write(2) on one.
  Outcome<std::uint64_t> read(std::span<const MutableBytes> buffers) noexcept override;
  Outcome<std::uint64_t> write(std::span<const ConstBytes> buffers) noexcept override;
  /// Readable when collect() would find something.
  Outcome<Readiness> readiness(Direction direction) noexcept override;
  void add_wait(Direction direction, wasm::WaitSet& wait) noexcept override;
  [[nodiscard]] std::uint64_t times_blocked() const noexcept override { return collections_; }
  void after_fork_in_child() noexcept override;
  EpollSet* epoll_set() noexcept override { return this; }

 private:
  using Id = std::uint64_t;

  struct Member {
    Id id = 0;
    std::weak_ptr<OpenDescription> open;
    const OpenDescription* identity = nullptr;
    std::uint32_t fd = 0;
    Interest interest;
    enum class Place : std::uint8_t { nowhere, kernel, asked } place = Place::nowhere;
    bool is_set = false;
    bool disarmed = false;  ///< by an event, with `oneshot`
    /// A second number of one description needs a kernel descriptor of its own.
    UniqueFd own;
    // Of members that are asked, for `et`: the state of the last look.
    std::uint32_t seen = 0;
    std::uint64_t seen_blocked = 0;
  };
  using Key = std::pair<const OpenDescription*, std::uint32_t>;

  Outcome<void> insert(std::uint32_t fd, const std::shared_ptr<OpenDescription>& open,
                       const Interest& interest);
  Outcome<void> renew(Member& member, const OpenDescription& open);
  Outcome<void> watch(Member& member, const OpenDescription& open);
  void drop(Id id) noexcept;
  void rebuild() noexcept;
  [[nodiscard]] Member* find(Id id) noexcept;
  std::size_t collect_kernel(std::span<Event> events);
  std::size_t collect_asked(std::span<Event> events);
  void drop_expired() noexcept;
  /// Whether an event of this state says nothing new, which matters with `et`.
  [[nodiscard]] static bool is_told(const Member& member, const OpenDescription& open,
                                    std::uint32_t state) noexcept;

  UniqueFd kernel_;
  std::uint32_t limit_;
  std::uint16_t flags_ = 0;
  Id last_id_ = 0;
  std::map<Key, Id> ids_;
  std::unordered_map<Id, Member> members_;
  std::vector<Id> asked_;   ///< those that are not in the kernel's set
  std::vector<Id> copies_;  ///< those with a kernel descriptor of their own
  std::size_t next_asked_ = 0;
  std::uint64_t collections_ = 0;
  std::uint32_t sets_inside_ = 0;
  std::uint32_t inside_sets_ = 0;
};

}  // namespace brink::wasi
