#include "wcgi/answer_framing.h"

#include <algorithm>

namespace brink::wcgi {

BodyRule body_rule(std::string_view method, std::uint16_t status) noexcept {
  const bool no_content = status == 204 || status == 205 || status == 304;
  return method == "HEAD" || no_content ? BodyRule::drop : BodyRule::send;
}

std::string_view BodyGate::accept(std::string_view bytes) {
  if (rule_ == BodyRule::drop) {
    dropped_ += bytes.size();
    return {};
  }
  std::uint64_t room = bytes.size();
  if (content_length_) room = std::min(room, *content_length_ - sent_);
  sent_ += room;
  dropped_ += bytes.size() - room;
  return bytes.substr(0, static_cast<std::size_t>(room));
}

BodyGate::End BodyGate::finish() const {
  // A HEAD answer states the length that a GET would have had.
  if (rule_ == BodyRule::drop || !content_length_) return {.missing = 0, .dropped = dropped_};
  return {.missing = *content_length_ - sent_, .dropped = dropped_};
}

}  // namespace brink::wcgi
