#include "wasi/portable.h"

#include <fcntl.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <unordered_map>
#include <utility>

#include "base/result.h"
#include "wasi/event_counter.h"
#include "wasi/file_description.h"
#include "wasi/files/file_space.h"
#include "wasi/pipe.h"
#include "wasi/process.h"
#include "wasi/socket.h"

namespace brink::wasi {
namespace {

using Kind = PortableDescription::Kind;
using Description = std::shared_ptr<OpenDescription>;

std::unexpected<Errno> refuse() { return std::unexpected(Errno::inval); }

Outcome<Description> standard_stream(Process& process, const PortableDescription& packed) {
  if (packed.detail > 2) return refuse();
  return process.standard_stream(packed.detail);
}

Outcome<Description> file(Process& process, const PortableDescription& packed, UniqueFd fd) {
  if (process.files() == nullptr || (packed.detail & ~file_bit::all) != 0) return refuse();
  const bool writable = (packed.detail & file_bit::writable_place) != 0;
  const bool counted = (packed.detail & file_bit::counted) != 0;
  const bool append = (packed.flags & fdflag::append) != 0;
  TRY(files::OpenFile adopted,
      process.files()->adopt(std::move(fd),
                             writable ? files::Access::read_write : files::Access::read_only,
                             counted ? files::Counted::yes : files::Counted::no,
                             append ? files::Append::on : files::Append::off));
  return std::make_shared<FileDescription>(std::move(adopted), packed.flags, process.disk());
}

Outcome<Description> directory(Process& process, const PortableDescription& packed) {
  files::FileSpace* const space = process.files();
  if (space == nullptr || space->tree().preopens().empty()) return std::unexpected(Errno::noent);
  TRY(files::Opened opened,
      space->open(space->preopen(0), packed.path, {.read = true, .directory = true}));
  auto* const found = std::get_if<files::Directory>(&opened);
  if (found == nullptr) return std::unexpected(Errno::notdir);
  return std::make_shared<DirectoryDescription>(*space, std::move(*found), packed.flags,
                                                process.disk());
}

Outcome<Description> device(const PortableDescription& packed) {
  if (packed.detail > static_cast<std::uint32_t>(files::Device::urandom)) return refuse();
  return std::make_shared<DeviceDescription>(static_cast<files::Device>(packed.detail),
                                             packed.flags);
}

Outcome<Description> socket(const PortableDescription& packed, UniqueFd fd) {
  TRY(auto adopted, Socket::adopt(std::move(fd)));
  TRY_VOID(adopted->set_flags(packed.flags));
  return adopted;
}

bool has_descriptor(Kind kind) {
  return kind != Kind::standard_stream && kind != Kind::directory && kind != Kind::device;
}

bool is_sound(const PortableDescription& packed) {
  return packed.kind <= PortableDescription::kLastKind && (packed.flags & ~fdflag::all) == 0 &&
         packed.path.size() <= PortableDescription::kMaxPath &&
         has_descriptor(packed.kind) == (packed.descriptor >= 0);
}

bool is_sound(const PortableTable& packed, std::size_t received, std::uint32_t limit) {
  if (!std::ranges::all_of(packed.descriptions, [](const auto& one) { return is_sound(one); })) {
    return false;
  }
  const auto sent = std::ranges::count_if(packed.descriptions,
                                          [](const auto& one) { return one.descriptor >= 0; });
  if (static_cast<std::size_t>(sent) != received) return false;
  std::int64_t last = -1;
  for (const PortableDescriptor& one : packed.descriptors) {
    if (one.number >= limit || one.number <= last) return false;
    if (one.description >= packed.descriptions.size()) return false;
    last = one.number;
  }
  return true;
}

Outcome<Description> make(Process& process, const PortableDescription& packed, UniqueFd fd) {
  switch (packed.kind) {
    case Kind::standard_stream:
      return standard_stream(process, packed);
    case Kind::file:
      return file(process, packed, std::move(fd));
    case Kind::directory:
      return directory(process, packed);
    case Kind::device:
      return device(packed);
    case Kind::pipe_read:
      return Pipe::adopt(std::move(fd), OpenDescription::Direction::read, packed.flags);
    case Kind::pipe_write:
      return Pipe::adopt(std::move(fd), OpenDescription::Direction::write, packed.flags);
    case Kind::event:
      return std::make_shared<EventCounter>(std::move(fd), packed.flags);
    case Kind::socket:
      return socket(packed, std::move(fd));
  }
  return refuse();
}

/// The name of a preopened directory as the receiver's file tree keeps it.
std::optional<std::string_view> preopen_name(Process& process, std::string_view name) {
  if (name.empty() || process.files() == nullptr) return std::nullopt;
  for (const files::Preopen& preopen : process.files()->tree().preopens()) {
    if (preopen.name == name) return preopen.name;
  }
  return std::nullopt;
}

}  // namespace

PortableTable pack(const DescriptorTable& table) {
  PortableTable packed;
  std::unordered_map<const OpenDescription*, std::uint32_t> known;
  const auto slots = table.slots();
  for (std::uint32_t number = 0; number < slots.size(); ++number) {
    const Descriptor& descriptor = slots[number];
    if (!descriptor.open || descriptor.on_exec == Descriptor::OnExec::closes) continue;
    const auto index = static_cast<std::uint32_t>(packed.descriptions.size());
    const auto [at, is_new] = known.try_emplace(descriptor.open.get(), index);
    if (is_new) {
      auto description = descriptor.open->portable();
      if (!description) {
        known.erase(at);
        continue;
      }
      packed.descriptions.push_back(std::move(*description));
    }
    packed.descriptors.push_back({number, at->second, descriptor.base.bits(),
                                  descriptor.inheriting.bits(),
                                  std::string(descriptor.preopen.value_or(""))});
  }
  return packed;
}

Outcome<void> unpack(Process& process, const PortableTable& packed,
                     std::vector<UniqueFd> received) {
  DescriptorTable table(process.descriptors().limit());
  if (!is_sound(packed, received.size(), table.limit())) return refuse();
  std::vector<Description> descriptions;
  std::size_t next = 0;
  for (const PortableDescription& one : packed.descriptions) {
    UniqueFd fd;
    if (one.descriptor >= 0) fd = std::move(received[next++]);
    auto made = make(process, one, std::move(fd));
    if (!made && made.error() == Errno::inval) return refuse();
    descriptions.push_back(made ? std::move(*made) : nullptr);
  }
  for (const PortableDescriptor& one : packed.descriptors) {
    if (!descriptions[one.description]) continue;
    TRY_VOID(
        table.replace(one.number, {descriptions[one.description], Rights(one.base),
                                   Rights(one.inheriting), preopen_name(process, one.preopen)}));
  }
  process.descriptors() = std::move(table);
  return {};
}

}  // namespace brink::wasi
