#include "wasi/descriptor_table.h"

#include <algorithm>
#include <utility>

#include "wasi/epoll_set.h"

namespace brink::wasi {

DescriptorTable::DescriptorTable(std::uint32_t limit) : limit_(limit) {
  // Room for what most programs ever open, in one allocation.
  constexpr std::uint32_t kUsual = 8;
  slots_.reserve(std::min(limit, kUsual));
}

Descriptor* DescriptorTable::find(std::uint32_t fd) noexcept {
  if (fd >= slots_.size() || !slots_[fd].open) return nullptr;
  return &slots_[fd];
}

void DescriptorTable::put(std::uint32_t fd, Descriptor descriptor) {
  if (fd >= slots_.size()) slots_.resize(fd + 1);
  if (descriptor.open->epoll_set() != nullptr) epoll_sets_.push_back(fd);
  slots_[fd] = std::move(descriptor);
  ++open_;
  while (lowest_free_ < slots_.size() && slots_[lowest_free_].open) ++lowest_free_;
}

void DescriptorTable::drop(std::uint32_t fd) {
  const OpenDescription& closed = *slots_[fd].open;
  std::erase(epoll_sets_, fd);
  // Before its kernel descriptor closes: another process may still have the file.
  if (slots_[fd].open.use_count() == 1) {
    for (const std::uint32_t set : epoll_sets_) slots_[set].open->epoll_set()->forget(closed);
  }
  slots_[fd] = {};
  --open_;
  lowest_free_ = std::min(lowest_free_, fd);
}

Outcome<std::uint32_t> DescriptorTable::add(Descriptor descriptor, std::uint32_t from) {
  std::uint32_t fd = std::max(from, lowest_free_);
  while (fd < slots_.size() && slots_[fd].open) ++fd;
  if (fd >= limit_) return std::unexpected(Errno::mfile);
  put(fd, std::move(descriptor));
  return fd;
}

Outcome<std::uint32_t> DescriptorTable::duplicate(std::uint32_t fd, std::uint32_t from,
                                                  Descriptor::OnExec on_exec) {
  const Descriptor* const original = find(fd);
  if (!original) return std::unexpected(Errno::badf);
  if (from >= limit_) return std::unexpected(Errno::inval);
  Descriptor copy = *original;
  copy.preopen.reset();
  copy.on_exec = on_exec;
  return add(std::move(copy), from);
}

Outcome<void> DescriptorTable::replace(std::uint32_t fd, Descriptor descriptor) {
  if (fd >= limit_) return std::unexpected(Errno::badf);
  if (find(fd)) drop(fd);
  put(fd, std::move(descriptor));
  return {};
}

Outcome<void> DescriptorTable::close(std::uint32_t fd, const AbiProfile& profile) {
  const Descriptor* const descriptor = find(fd);
  if (!descriptor) return std::unexpected(Errno::badf);
  if (descriptor->preopen && profile.close_preopen == AbiProfile::ClosePreopen::keeps) return {};
  drop(fd);
  return {};
}

Outcome<void> DescriptorTable::renumber(std::uint32_t from, std::uint32_t to,
                                        const AbiProfile& profile) {
  if (!find(from) || to >= limit_) return std::unexpected(Errno::badf);
  if (from == to) return {};
  const bool copies = profile.renumber == AbiProfile::Renumber::copies;
  if (const Descriptor* const target = find(to)) {
    if (target->preopen &&
        profile.renumber_onto_preopen == AbiProfile::RenumberOntoPreopen::refuses) {
      return std::unexpected(Errno::notsup);
    }
    drop(to);
  } else if (!copies) {
    return std::unexpected(Errno::badf);
  }
  Descriptor moved = slots_[from];
  if (copies) {
    moved.preopen.reset();
    moved.on_exec = Descriptor::OnExec::stays;  // as dup2(2)
  } else {
    drop(from);
  }
  put(to, std::move(moved));
  return {};
}

}  // namespace brink::wasi
