#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "module/types.h"
#include "module/writer.h"

namespace brink::module::testing {

using Bytes = std::vector<std::byte>;

inline Bytes bytes_of(std::initializer_list<int> values) {
  Bytes bytes;
  for (const int value : values) bytes.push_back(static_cast<std::byte>(value));
  return bytes;
}

inline Bytes bytes_of(std::string_view text) {
  const auto view = std::as_bytes(std::span(text));
  return {view.begin(), view.end()};
}

/// Builds small modules for tests: each call appends one entry to a section;
/// imports must come before definitions of the same kind.
class TestModule {
 public:
  /// Letters as by letter(). The index of the type.
  std::uint32_t type(std::string_view parameters, std::string_view results);
  std::uint32_t import_function(std::string_view module, std::string_view name, std::uint32_t type);
  void import_other(std::string_view module, std::string_view name, ExternKind kind,
                    std::initializer_list<int> type);
  /// `code` without locals and the last end. The index of the function.
  std::uint32_t function(std::uint32_t type, const Bytes& code);
  void memory(std::initializer_list<int> type) { entry(5, bytes_of(type)); }
  void table(std::initializer_list<int> type) { entry(4, bytes_of(type)); }
  void export_(std::string_view name, ExternKind kind, std::uint32_t index);
  void passive_data(std::string_view text);
  void passive_functions(std::initializer_list<std::uint32_t> functions);
  void custom(std::string_view name, std::string_view content);
  /// A raw entry of any section.
  void entry(std::uint8_t section, const Bytes& bytes);

  [[nodiscard]] Bytes bytes() const;

 private:
  struct Entries {
    std::uint32_t count = 0;
    Writer bytes;
  };
  std::map<std::uint8_t, Entries> sections_;
  Writer customs_;
  std::uint32_t functions_ = 0;
};

}  // namespace brink::module::testing
