#include "base/units.h"

#include <array>
#include <cctype>
#include <charconv>
#include <cmath>

namespace brink {
namespace {

struct Unit {
  std::string_view name;  // lower case
  std::uint64_t factor;
};

constexpr std::uint64_t kThousand = 1000;
constexpr std::array kByteUnits = {
    Unit{"", 1},
    Unit{"b", 1},
    Unit{"kb", kThousand},
    Unit{"mb", kThousand * kThousand},
    Unit{"gb", kThousand * kThousand * kThousand},
    Unit{"tb", kThousand * kThousand * kThousand * kThousand},
    Unit{"kib", 1ULL << 10},
    Unit{"mib", 1ULL << 20},
    Unit{"gib", 1ULL << 30},
    Unit{"tib", 1ULL << 40},
};
constexpr std::array kTimeUnits = {
    Unit{"ms", 1'000'000},        Unit{"s", 1'000'000'000},      Unit{"m", 60'000'000'000},
    Unit{"h", 3'600'000'000'000}, Unit{"d", 86'400'000'000'000},
};

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

template <std::size_t N>
const Unit* find_unit(const std::array<Unit, N>& units, std::string_view name) {
  const std::string wanted = lower(name);
  for (const Unit& unit : units) {
    if (unit.name == wanted) return &unit;
  }
  return nullptr;
}

std::string quoted(std::string_view text) { return "'" + std::string(text) + "'"; }

}  // namespace

Result<ByteSize> parse_byte_size(std::string_view text) {
  const auto bad = [&](const char* why) {
    return fail(ErrorCode::config_invalid, quoted(text) + " is not a size: " + why,
                "write a number and a unit, for example 128MiB");
  };
  double number = 0;
  const auto [rest, error] =
      std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  if (error != std::errc() || !std::isfinite(number) || number < 0)
    return bad("it must start with a number");
  std::string_view name(rest, static_cast<std::size_t>(text.data() + text.size() - rest));
  while (!name.empty() && name.front() == ' ') name.remove_prefix(1);
  const Unit* unit = find_unit(kByteUnits, name);
  if (unit == nullptr) return bad("the unit must be one of B, KB, MB, GB, TB, KiB, MiB, GiB, TiB");
  const double bytes = number * static_cast<double>(unit->factor);
  if (bytes > 9e18) return bad("it is too large");
  return ByteSize(static_cast<std::uint64_t>(bytes));
}

std::string to_string(ByteSize size) {
  static constexpr std::array<std::string_view, 5> kNames = {"B", "KiB", "MiB", "GiB", "TiB"};
  std::uint64_t value = size.bytes();
  std::size_t unit = 0;
  while (value != 0 && value % 1024 == 0 && unit + 1 < kNames.size()) {
    value /= 1024;
    ++unit;
  }
  return std::to_string(value) + std::string(kNames[unit]);
}

Result<Duration> parse_duration(std::string_view text) {
  const auto bad = [&](const char* why) {
    return fail(ErrorCode::config_invalid, quoted(text) + " is not a duration: " + why,
                "write a whole number and one of ms, s, m, h, d, for example 30s");
  };
  std::uint64_t number = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return bad("it must start with a whole number");
  if (rest != text.data() + text.size() && (*rest == '.' || *rest == ',')) {
    return bad("it has a fraction; a smaller unit does without");
  }
  const Unit* unit =
      find_unit(kTimeUnits, {rest, static_cast<std::size_t>(text.data() + text.size() - rest)});
  if (unit == nullptr) return bad("the unit must be one of ms, s, m, h, d");
  std::uint64_t nanoseconds = 0;
  if (__builtin_mul_overflow(number, unit->factor, &nanoseconds) || nanoseconds > INT64_MAX) {
    return bad("it is too long");
  }
  return Duration(static_cast<std::int64_t>(nanoseconds));
}

std::string to_string(Duration duration) {
  const auto count = duration.count();
  if (count == 0) return "0s";
  static constexpr std::array<Unit, 7> kUnits = {Unit{"d", 86'400'000'000'000},
                                                 Unit{"h", 3'600'000'000'000},
                                                 Unit{"m", 60'000'000'000},
                                                 Unit{"s", 1'000'000'000},
                                                 Unit{"ms", 1'000'000},
                                                 Unit{"us", 1000},
                                                 Unit{"ns", 1}};
  for (const Unit& unit : kUnits) {
    const auto factor = static_cast<std::int64_t>(unit.factor);
    if (count % factor == 0) return std::to_string(count / factor) + std::string(unit.name);
  }
  return std::to_string(count) + "ns";
}

}  // namespace brink
