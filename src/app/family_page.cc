#include "app/family_page.h"

#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <new>
#include <utility>

namespace brink::app {

Result<FamilyMemory> FamilyMemory::create() {
  void* place = ::mmap(nullptr, sizeof(FamilyPage), PROT_READ | PROT_WRITE,
                       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (place == MAP_FAILED) {
    return std::unexpected(errno_error(ErrorCode::resource_exhausted, "shared memory", errno));
  }
  return FamilyMemory(new (place) FamilyPage);
}

FamilyMemory::FamilyMemory(FamilyMemory&& other) noexcept
    : page_(std::exchange(other.page_, nullptr)) {}

FamilyMemory::~FamilyMemory() {
  if (page_ != nullptr) ::munmap(page_, sizeof(FamilyPage));
}

void announce_child_end(FamilyPage::Slot& slot) noexcept {
  slot.child_ends.fetch_add(1);
  ::syscall(SYS_futex, &slot.child_ends, FUTEX_WAKE, INT_MAX, nullptr, nullptr, 0);
}

}  // namespace brink::app
