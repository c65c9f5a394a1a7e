#include "module/types.h"

#include <limits>

namespace brink::module {

char letter(ValueType type) {
  switch (type.code) {
    case kI32.code:
      return 'i';
    case kI64.code:
      return 'I';
    case kF32.code:
      return 'f';
    case kF64.code:
      return 'F';
    case kV128.code:
      return 'v';
    default:
      return 'r';
  }
}

namespace {

constexpr std::size_t kShownTypes = 24;

std::string letters(const std::vector<ValueType>& types) {
  std::string text;
  for (const ValueType type : types) text += letter(type);
  return text;
}

std::string_view word(char letter) {
  switch (letter) {
    case 'i':
      return "i32";
    case 'I':
      return "i64";
    case 'f':
      return "f32";
    case 'F':
      return "f64";
    case 'v':
      return "v128";
    default:
      return "ref";
  }
}

std::string list(std::string_view letters) {
  std::string text;
  for (const char c : letters.substr(0, kShownTypes)) {
    if (!text.empty()) text += ", ";
    text += word(c);
  }
  if (letters.size() > kShownTypes) text += ", ...";
  return text;
}

}  // namespace

std::string signature_text(std::string_view parameters, std::string_view results) {
  std::string text = "(" + list(parameters) + ") -> ";
  if (results.size() == 1) return text + list(results);
  return text + "(" + list(results) + ")";
}

std::string signature_text(const FunctionType& type) {
  return signature_text(letters(type.parameters), letters(type.results));
}

std::uint64_t MemoryType::minimum_bytes() const {
  const std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
  return limits.minimum > most >> page_size_log2 ? most : limits.minimum << page_size_log2;
}

std::string_view with_article(ExternKind kind) {
  switch (kind) {
    case ExternKind::function:
      return "a function";
    case ExternKind::table:
      return "a table";
    case ExternKind::memory:
      return "a memory";
    case ExternKind::global:
      return "a global";
    case ExternKind::tag:
      return "an exception tag";
  }
  return "something unknown";
}

}  // namespace brink::module
