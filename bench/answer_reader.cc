#include "answer_reader.h"

#include <algorithm>
#include <charconv>
#include <cstddef>

namespace brink::bench {
namespace {

constexpr std::size_t kMaxLine = 16384;

bool equals_ignoring_case(std::string_view left, std::string_view right) {
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [](char a, char b) { return (a | 0x20) == (b | 0x20); });
}

template <typename Number>
bool parse(std::string_view text, int base, Number& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out, base);
  return error == std::errc{} && end != text.data();
}

}  // namespace

void AnswerReader::begin() noexcept {
  part_ = Part::head;
  line_.clear();
  left_ = 0;
  status_ = 0;
  chunked_ = false;
  closes_ = false;
}

AnswerReader::State AnswerReader::feed(std::string_view bytes) {
  while (!bytes.empty()) {
    if (part_ == Part::body || part_ == Part::chunk_data) {
      const auto taken = std::min<std::uint64_t>(left_, bytes.size());
      bytes.remove_prefix(taken);
      left_ -= taken;
      if (left_ > 0) return State::more;
      if (part_ == Part::body) return bytes.empty() ? State::done : State::broken;
      part_ = Part::chunk_end;
      continue;
    }
    const auto end = bytes.find('\n');
    line_.append(bytes.substr(0, end));
    if (line_.size() > kMaxLine) return State::broken;
    if (end == std::string_view::npos) return State::more;
    bytes.remove_prefix(end + 1);
    if (line_.ends_with('\r')) line_.pop_back();
    const State state = line(line_);
    line_.clear();
    if (state == State::done) return bytes.empty() ? State::done : State::broken;
    if (state == State::broken) return state;
  }
  return State::more;
}

AnswerReader::State AnswerReader::line(std::string_view text) {
  switch (part_) {
    case Part::head:
      return text.empty() ? end_of_head() : head_line(text);
    case Part::chunk_size:
      if (!parse(text, 16, left_)) return State::broken;
      part_ = left_ == 0 ? Part::last_end : Part::chunk_data;
      return State::more;
    case Part::chunk_end:
      part_ = Part::chunk_size;
      return text.empty() ? State::more : State::broken;
    case Part::last_end:
      return text.empty() ? State::done : State::broken;
    case Part::body:
    case Part::chunk_data:
      break;
  }
  return State::broken;
}

AnswerReader::State AnswerReader::head_line(std::string_view text) {
  if (status_ == 0) {
    const bool good = text.starts_with("HTTP/1.1 ") && parse(text.substr(9, 3), 10, status_);
    return good ? State::more : State::broken;
  }
  const auto colon = text.find(':');
  if (colon == std::string_view::npos) return State::broken;
  const std::string_view name = text.substr(0, colon);
  std::string_view value = text.substr(colon + 1);
  value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
  if (equals_ignoring_case(name, "content-length")) {
    return parse(value, 10, left_) ? State::more : State::broken;
  }
  if (equals_ignoring_case(name, "transfer-encoding")) chunked_ = true;
  if (equals_ignoring_case(name, "connection")) closes_ = equals_ignoring_case(value, "close");
  return State::more;
}

AnswerReader::State AnswerReader::end_of_head() {
  if (chunked_) {
    part_ = Part::chunk_size;
    return State::more;
  }
  part_ = Part::body;
  return left_ == 0 ? State::done : State::more;
}

}  // namespace brink::bench
