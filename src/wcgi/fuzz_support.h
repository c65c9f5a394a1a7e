#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "http/chars.h"
#include "wcgi/answer_head.h"
#include "wcgi/answer_parser.h"

namespace brink::wcgi {

/// What a parser made of its input, to be compared with another run.
struct FuzzRun {
  std::string result;        ///< the head, the error or "more", as text
  std::size_t consumed = 0;  ///< bytes of the head
  bool operator==(const FuzzRun&) const = default;
};

/// Whatever a program prints, an accepted head is safe to be sent on.
inline void check_head(const AnswerHead& head) {
  BRINK_CHECK(head.status >= 200 && head.status <= 599);
  BRINK_CHECK(http::all(http::kFieldValue, head.reason));
  for (const auto& field : head.fields) {
    BRINK_CHECK(http::is_token(field.name));
    BRINK_CHECK(http::all(http::kFieldValue, field.value));
    BRINK_CHECK(!http::is_hop_by_hop(field.name));
    BRINK_CHECK(!http::equals_ignoring_case(field.name, "content-length"));
    BRINK_CHECK(!http::equals_ignoring_case(field.name, "status"));
  }
  if (head.form == AnswerForm::local_redirect) {
    BRINK_CHECK(head.local_target.starts_with('/') && !head.local_target.starts_with("//"));
    BRINK_CHECK(http::all(http::kTarget, head.local_target));
  }
}

/// Feeds `output` in pieces of `piece` bytes.
template <class Parser>
FuzzRun run(Parser& parser, std::string_view output, std::size_t piece) {
  FuzzRun seen{.result = "more"};
  while (!output.empty()) {
    const auto part = output.substr(0, piece);
    output.remove_prefix(part.size());
    const auto fed = parser.feed(part);
    if (!fed) return {.result = "error: " + fed.error().text()};
    BRINK_CHECK(fed->consumed <= part.size());
    seen.consumed += fed->consumed;
    if (fed->state == Fed::State::need_more) continue;
    const auto& head = parser.head();
    check_head(head);
    seen.result = std::to_string(head.status).append(" ").append(head.reason);
    for (const auto& field : head.fields) {
      seen.result.append("\n").append(field.name).append(": ").append(field.value);
    }
    return seen;
  }
  return seen;
}

/// The first byte chooses the size of the pieces; the result must be the same as
/// for the whole, and the same again from a parser that has been reset.
template <class Parser>
int fuzz_parser(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view output(reinterpret_cast<const char*>(data) + 1, size - 1);
  Parser parser(AnswerLimits{.max_head_bytes = 512, .max_fields = 8});
  const auto whole = run(parser, output, output.size());
  parser.reset();
  BRINK_CHECK(run(parser, output, std::size_t{1} + data[0] % 64) == whole);
  return 0;
}

}  // namespace brink::wcgi
