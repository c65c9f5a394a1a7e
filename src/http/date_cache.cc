#include "http/date_cache.h"

#include <algorithm>
#include <chrono>

namespace brink::http {
namespace {

constexpr std::string_view kPattern = "Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n";
constexpr std::array<std::string_view, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

void put_number(char* end, unsigned value, unsigned digits) {
  for (; digits != 0; --digits, value /= 10) *--end = static_cast<char>('0' + value % 10);
}

}  // namespace

void DateCache::render(std::int64_t second) {
  using namespace std::chrono;
  static_assert(kPattern.size() == std::tuple_size_v<decltype(text_)>);
  const sys_seconds point{seconds(second)};
  const auto day = floor<days>(point);
  const year_month_day date(day);
  const hh_mm_ss time(point - day);
  kPattern.copy(text_.data(), kPattern.size());
  char* const value = text_.data() + kNameSize;
  kDays[weekday(day).c_encoding()].copy(value, 3);
  put_number(value + 7, static_cast<unsigned>(date.day()), 2);
  kMonths[static_cast<unsigned>(date.month()) - 1].copy(value + 8, 3);
  put_number(value + 16, static_cast<unsigned>(static_cast<int>(date.year())), 4);
  put_number(value + 19, static_cast<unsigned>(time.hours().count()), 2);
  put_number(value + 22, static_cast<unsigned>(time.minutes().count()), 2);
  put_number(value + 25, static_cast<unsigned>(time.seconds().count()), 2);
  second_ = second;
}

std::string_view DateCache::field_line(Duration wall) {
  constexpr std::int64_t kLastSecond = 253'402'300'799;  // of the year 9999
  const auto second = std::chrono::floor<std::chrono::seconds>(wall).count();
  const std::int64_t shown = std::clamp<std::int64_t>(second, 0, kLastSecond);
  if (shown != second_) render(shown);
  return {text_.data(), text_.size()};
}

std::string_view DateCache::value(Duration wall) {
  return field_line(wall).substr(kNameSize, kValueSize);
}

}  // namespace brink::http
