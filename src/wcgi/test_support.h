#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/request.h"
#include "wasi/string_block.h"

namespace brink::wcgi {

/// The strings of a block, in order: "NAME=value" each.
inline std::vector<std::string> strings_of(const wasi::StringBlock& block) {
  std::vector<std::string> strings;
  for (auto rest = block.bytes(); !rest.empty();) {
    const auto end = rest.find('\0');
    strings.emplace_back(rest.substr(0, end));
    rest.remove_prefix(end + 1);
  }
  EXPECT_EQ(strings.size(), block.count());
  return strings;
}

/// The value of a variable as getenv finds it; a name that is there twice is a
/// failure of the test.
inline std::optional<std::string> variable(const wasi::StringBlock& block, std::string_view name) {
  std::optional<std::string> found;
  for (const auto& text : strings_of(block)) {
    const auto equals = text.find('=');
    if (std::string_view(text).substr(0, equals) != name) continue;
    EXPECT_FALSE(found) << name << " is there twice";
    found = text.substr(equals + 1);
  }
  return found;
}

/// A head as the codec makes it from an origin-form target; `target` and
/// `fields` must outlive it.
inline http::RequestHead request_for(std::string_view method, std::string_view target,
                                     const std::vector<http::Field>& fields = {}) {
  http::RequestHead head;
  head.method = method;
  head.target = target;
  const auto question = target.find('?');
  head.path = target.substr(0, question);
  head.has_query = question != std::string_view::npos;
  if (head.has_query) head.query = target.substr(question + 1);
  head.authority = head.host = "app.example";
  head.fields = fields;
  return head;
}

}  // namespace brink::wcgi
