#include "wasi/files/path_key.h"

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

namespace brink::wasi::files {
namespace {

constexpr std::uint64_t kFirst = 0x87c37b91114253d5;
constexpr std::uint64_t kSecond = 0x4cf5ad432745937f;

std::uint64_t finish(std::uint64_t value) {
  value = (value ^ (value >> 33)) * 0xff51afd7ed558ccd;
  value = (value ^ (value >> 33)) * 0xc4ceb9fe1a85ec53;
  return value ^ (value >> 33);
}

std::uint64_t mix_first(std::uint64_t word) { return std::rotl(word * kFirst, 31) * kSecond; }
std::uint64_t mix_second(std::uint64_t word) { return std::rotl(word * kSecond, 33) * kFirst; }

struct Hash {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
};

Hash hash(std::string_view text) {
  Hash sum;
  const std::uint64_t length = text.size();
  for (; text.size() >= 16; text.remove_prefix(16)) {
    std::array<std::uint64_t, 2> words;
    std::memcpy(words.data(), text.data(), 16);
    sum.low = std::rotl(sum.low ^ mix_first(words[0]), 27) + sum.high;
    sum.low = sum.low * 5 + 0x52dce729;
    sum.high = std::rotl(sum.high ^ mix_second(words[1]), 31) + sum.low;
    sum.high = sum.high * 5 + 0x38495ab5;
  }
  std::array<std::uint64_t, 2> tail{};
  std::memcpy(tail.data(), text.data(), text.size());
  sum.high ^= mix_second(tail[1]) ^ length;
  sum.low ^= mix_first(tail[0]) ^ length;
  sum.low += sum.high;
  sum.high += sum.low;
  sum.low = finish(sum.low);
  sum.high = finish(sum.high);
  sum.low += sum.high;
  sum.high += sum.low;
  return sum;
}

void append_hex(std::string& to, std::uint64_t number) {
  for (int shift = 60; shift >= 0; shift -= 4) to += "0123456789abcdef"[(number >> shift) & 15U];
}

}  // namespace

std::string path_key(std::string_view prefix, std::string_view directory, std::string_view name) {
  std::string path;
  path.reserve(directory.size() + 1 + name.size());
  path += directory;
  path += '/';
  path += name;
  const Hash sum = hash(path);
  std::string key(prefix);
  append_hex(key, sum.low);
  append_hex(key, sum.high);
  return key;
}

std::uint64_t name_hash(std::string_view name) noexcept { return hash(name).low; }

}  // namespace brink::wasi::files
