#include "app/family_table.h"

#include <algorithm>

namespace brink::app {
namespace {

using wasi::Errno;
using State = FamilyTable::Process::State;

// Numbers of threads come from the same range, and the top bits are libc's.
constexpr std::uint32_t kLastPid = 0x1fff'ffff;

}  // namespace

wasi::Outcome<std::uint32_t> FamilyTable::add(std::uint32_t parent) {
  const auto free = std::find(slots_.begin(), slots_.end(), false);
  if (free == slots_.end()) return std::unexpected(Errno::again);
  do {
    last_pid_ = last_pid_ == kLastPid ? 1 : last_pid_ + 1;
  } while (processes_.contains(last_pid_));
  *free = true;
  Process process;
  process.pid = last_pid_;
  process.parent = parent;
  process.slot = static_cast<std::uint32_t>(free - slots_.begin());
  processes_.emplace(last_pid_, process);
  return last_pid_;
}

void FamilyTable::withdraw(std::uint32_t pid) {
  if (const auto place = processes_.find(pid); place != processes_.end()) drop(place);
}

FamilyTable::Process* FamilyTable::find(std::uint32_t pid) noexcept {
  const auto place = processes_.find(pid);
  return place == processes_.end() ? nullptr : &place->second;
}

FamilyTable::Process* FamilyTable::find_host(std::uint32_t host_pid) noexcept {
  for (auto& [pid, process] : processes_) {
    if (process.host_pid == host_pid && host_pid != 0) return &process;
  }
  return nullptr;
}

std::uint32_t FamilyTable::end(std::uint32_t pid, wasi::ProcessExit exit) {
  const auto place = processes_.find(pid);
  if (place == processes_.end() || place->second.state == State::ended) return 0;
  place->second.state = State::ended;
  place->second.exit = exit;
  place->second.host_pid = 0;
  const std::uint32_t parent = place->second.parent;
  for (auto next = processes_.begin(); next != processes_.end();) {
    const auto child = next++;
    if (child->second.parent != pid) continue;
    child->second.parent = 0;
    if (child->second.state == State::ended) drop(child);
  }
  if (parent == 0) drop(place);
  return parent;
}

wasi::Outcome<wasi::EndedChild> FamilyTable::reap(std::uint32_t parent,
                                                  std::optional<std::uint32_t> pid) {
  bool runs = false;
  for (auto place = processes_.begin(); place != processes_.end(); ++place) {
    const Process& process = place->second;
    if (process.parent != parent || (pid && process.pid != *pid)) continue;
    if (process.state != State::ended) {
      runs = true;
      continue;
    }
    const wasi::EndedChild ended{process.pid, process.exit};
    drop(place);
    return ended;
  }
  return std::unexpected(runs ? Errno::again : Errno::child);
}

void FamilyTable::drop(std::map<std::uint32_t, Process>::iterator place) {
  slots_[place->second.slot] = false;
  processes_.erase(place);
}

}  // namespace brink::app
