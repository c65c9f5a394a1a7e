#include "wasi/program_arguments.h"

#include <algorithm>
#include <cstring>

#include "wasi/call_support.h"

namespace brink::wasi {
namespace {

/// The string at `address` up to its NUL; `most` bytes at most, else 2BIG.
Outcome<std::string> load_string(const wasm::HostCall& call, std::uint32_t address,
                                 std::size_t most) {
  if (address >= call.memory.size()) return failed(Errno::fault);
  const std::uint64_t left = call.memory.size() - address;
  const auto bytes = call.memory.bytes(address, std::min<std::uint64_t>(left, most + 1));
  if (!bytes) return failed(Errno::fault);
  // Copied before it is looked at: other threads may be writing to it.
  std::string text(reinterpret_cast<const char*>(bytes->data()), bytes->size());
  const std::size_t end = text.find('\0');
  if (end == std::string::npos) return failed(left <= most ? Errno::fault : Errno::toobig);
  text.resize(end);
  return text;
}

}  // namespace

Outcome<std::vector<std::string>> split_lines(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    if (lines.size() == kMostArguments) return failed(Errno::toobig);
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

Outcome<std::vector<std::string>> load_lines(const wasm::HostCall& call, std::uint32_t address,
                                             std::uint32_t length) {
  if (length > kMostArgumentBytes) return failed(Errno::toobig);
  const auto bytes = call.memory.bytes(address, length);
  if (!bytes) return failed(Errno::fault);
  return split_lines(std::string(reinterpret_cast<const char*>(bytes->data()), bytes->size()));
}

Outcome<std::vector<std::string>> load_strings(const wasm::HostCall& call, std::uint32_t address,
                                               std::uint32_t count) {
  if (count > kMostArguments) return failed(Errno::toobig);
  if (!call.memory.bytes(address, std::uint64_t{count} * 4)) return failed(Errno::fault);
  std::vector<std::string> out;
  std::size_t room = kMostArgumentBytes;
  for (std::uint32_t i = 0; i < count; ++i) {
    TRY(const std::uint32_t pointer, load<std::uint32_t>(call, address + i * 4));
    TRY(std::string text, load_string(call, pointer, room));
    room -= std::min(room, text.size() + 1);
    out.push_back(std::move(text));
  }
  return out;
}

}  // namespace brink::wasi
