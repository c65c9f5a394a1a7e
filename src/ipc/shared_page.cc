#include "ipc/shared_page.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "base/check.h"

namespace brink::ipc {
namespace {

constexpr std::uint64_t kMagic = 0x6567617062726e6bULL;
constexpr std::uint32_t kVersion = 1;
constexpr std::uint32_t kMaxApps = 65'536;
constexpr std::uint32_t kMaxPermits = 65'536;
constexpr std::uint64_t kMaxPageBytes = std::uint64_t{64} << 30;
constexpr std::uint64_t kLine = 64;
constexpr int kSeals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;

using Word = std::atomic<std::uint64_t>;
static_assert(Word::is_always_lock_free && sizeof(Word) == 8);
static_assert(std::atomic<std::uint32_t>::is_always_lock_free);

/// At the start of the file.
struct alignas(64) Header {
  std::uint64_t magic;
  std::uint32_t version;
  PageLayout layout;
  Word node_memory_limit;
};

constexpr std::uint64_t aligned(std::uint64_t bytes) { return (bytes + kLine - 1) / kLine * kLine; }

}  // namespace

struct alignas(64) SharedPage::AppState {
  std::atomic<std::uint32_t> permit_limit;
  Word memory_limit;
  WaitingState line;
};

/// Where each part lies; all from the layout, in 64 bits.
struct SharedPage::Places {
  explicit constexpr Places(const PageLayout& layout) noexcept
      : node_cells(sizeof(Header)),
        metrics(node_cells + sizeof(MemoryCell) * layout.seats),
        apps(metrics + sizeof(MetricBlock) * layout.seats),
        tickets(aligned(sizeof(AppState))),
        words(tickets + aligned(sizeof(Word) * layout.seats)),
        cells(words + aligned(sizeof(Word) * layout.permits_per_app)),
        app_size(cells + sizeof(MemoryCell) * layout.seats),
        total(apps + app_size * layout.apps) {}

  std::uint64_t node_cells, metrics, apps;
  std::uint64_t tickets, words, cells, app_size;  ///< within an app's part
  std::uint64_t total;
};

namespace {

Result<void> check_layout(const PageLayout& layout) {
  if (layout.seats < 1 || layout.seats > kMaxSeats || layout.apps < 1 || layout.apps > kMaxApps ||
      layout.permits_per_app < 1 || layout.permits_per_app > kMaxPermits) {
    return fail(ErrorCode::config_invalid, "a shared page can't have this many parts",
                "use up to 256 workers, 65,536 apps and 65,536 concurrent requests per app");
  }
  return {};
}

Result<std::byte*> map(int memory, std::uint64_t size) {
  void* const base = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
  if (base == MAP_FAILED) {
    return std::unexpected(errno_error(ErrorCode::resource_exhausted, "map shared page", errno));
  }
  return static_cast<std::byte*>(base);
}

}  // namespace

Result<SharedPage> SharedPage::create(const PageLayout& layout) {
  TRY_VOID(check_layout(layout));
  const std::uint64_t size = Places(layout).total;
  if (size > kMaxPageBytes) {
    return fail(ErrorCode::config_invalid, "a shared page of " + to_string(ByteSize(size)),
                "reserve for fewer apps, or fewer requests per app");
  }
  UniqueFd memory(::memfd_create("brink-shared", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!memory || ::ftruncate(memory.get(), static_cast<off_t>(size)) != 0 ||
      ::fcntl(memory.get(), F_ADD_SEALS, kSeals) != 0) {
    return std::unexpected(errno_error(ErrorCode::resource_exhausted, "shared page", errno));
  }
  TRY(std::byte* const base, map(memory.get(), size));
  auto* const header = reinterpret_cast<Header*>(base);
  header->magic = kMagic;
  header->version = kVersion;
  header->layout = layout;
  return SharedPage(std::move(memory), base, size, layout);
}

Result<SharedPage> SharedPage::attach(UniqueFd memory) {
  const int seals = ::fcntl(memory.get(), F_GET_SEALS);
  struct stat info{};
  if (seals < 0 || (seals & kSeals) != kSeals || ::fstat(memory.get(), &info) != 0 ||
      info.st_size < static_cast<off_t>(sizeof(Header))) {
    return fail(ErrorCode::internal, "the shared page is not a memory file of sealed size");
  }
  const auto size = static_cast<std::uint64_t>(info.st_size);
  TRY(std::byte* const base, map(memory.get(), size));
  SharedPage page(std::move(memory), base, size, {});
  const auto* const header = reinterpret_cast<const Header*>(base);
  if (header->magic != kMagic || header->version != kVersion) {
    return fail(ErrorCode::internal, "the shared page is of another version of brink",
                "restart all of brink's processes");
  }
  const PageLayout layout = header->layout;
  TRY_VOID(check_layout(layout));
  if (Places(layout).total != size) {
    return fail(ErrorCode::internal, "the shared page's size does not fit its layout");
  }
  page.layout_ = layout;
  return page;
}

SharedPage::SharedPage(UniqueFd memory, std::byte* base, std::size_t size,
                       PageLayout layout) noexcept
    : memory_(std::move(memory)), base_(base), size_(size), layout_(layout) {}

SharedPage::SharedPage(SharedPage&& other) noexcept
    : memory_(std::move(other.memory_)),
      base_(std::exchange(other.base_, nullptr)),
      size_(std::exchange(other.size_, 0)),
      layout_(std::exchange(other.layout_, {})) {}

SharedPage& SharedPage::operator=(SharedPage&& other) noexcept {
  if (this == &other) return *this;
  unmap();
  memory_ = std::move(other.memory_);
  base_ = std::exchange(other.base_, nullptr);
  size_ = std::exchange(other.size_, 0);
  layout_ = std::exchange(other.layout_, {});
  return *this;
}

SharedPage::~SharedPage() { unmap(); }

void SharedPage::unmap() noexcept {
  if (base_ != nullptr) ::munmap(base_, size_);
}

SharedPage::AppState& SharedPage::app_state(std::uint32_t app) const noexcept {
  BRINK_CHECK(app < layout_.apps);
  const Places places(layout_);
  return *reinterpret_cast<AppState*>(base_ + places.apps + places.app_size * app);
}

Permits SharedPage::permits(std::uint32_t app) const noexcept {
  AppState& state = app_state(app);
  auto* const words = reinterpret_cast<std::byte*>(&state) + Places(layout_).words;
  return {{reinterpret_cast<Word*>(words), layout_.permits_per_app}, state.permit_limit};
}

WaitingLine SharedPage::line(std::uint32_t app) const noexcept {
  AppState& state = app_state(app);
  auto* const tickets = reinterpret_cast<std::byte*>(&state) + Places(layout_).tickets;
  return {state.line, {reinterpret_cast<Word*>(tickets), layout_.seats}};
}

Admission SharedPage::admission(std::uint32_t app, Seat seat, const Wakers& wakers) const noexcept {
  BRINK_CHECK(seat.index < layout_.seats && seat.generation != 0);
  return {permits(app), line(app), wakers, seat};
}

MemoryLedger SharedPage::app_memory(std::uint32_t app) const noexcept {
  AppState& state = app_state(app);
  auto* const cells = reinterpret_cast<std::byte*>(&state) + Places(layout_).cells;
  return {{reinterpret_cast<MemoryCell*>(cells), layout_.seats}, state.memory_limit};
}

MemoryLedger SharedPage::node_memory() const noexcept {
  auto* const cells = reinterpret_cast<MemoryCell*>(base_ + Places(layout_).node_cells);
  return {{cells, layout_.seats}, reinterpret_cast<Header*>(base_)->node_memory_limit};
}

MetricBlock& SharedPage::metrics(std::uint32_t seat) const noexcept {
  BRINK_CHECK(seat < layout_.seats);
  return reinterpret_cast<MetricBlock*>(base_ + Places(layout_).metrics)[seat];
}

std::span<const MetricBlock> SharedPage::all_metrics() const noexcept {
  return {&metrics(0), layout_.seats};
}

std::vector<SharedPage::Orphan> SharedPage::free_seat(Seat seat, const Wakers& wakers,
                                                      std::uint32_t apps_in_use) {
  BRINK_CHECK(apps_in_use <= layout_.apps && seat.index < layout_.seats);
  std::vector<Orphan> orphans;
  for (std::uint32_t app = 0; app < apps_in_use; ++app) {
    for (const Permit permit : permits(app).free_seat(seat).handed_over) {
      orphans.push_back({app, permit});
    }
    app_memory(app).free_seat(seat.index);
    line(app).leave(seat.index);
    wake_waiting(app, wakers);
  }
  node_memory().free_seat(seat.index);
  clear_gauges(metrics(seat.index));
  return orphans;
}

bool SharedPage::release_orphan(const Orphan& orphan, Seat seat, const Wakers& wakers) {
  const bool released = permits(orphan.app).release_orphan(orphan.permit, seat);
  if (released) wake_waiting(orphan.app, wakers);
  return released;
}

void SharedPage::wake_waiting(std::uint32_t app, const Wakers& wakers) const noexcept {
  const auto oldest = line(app).oldest();
  if (oldest && permits(app).any_free()) wakers.wake(*oldest);
}

}  // namespace brink::ipc
