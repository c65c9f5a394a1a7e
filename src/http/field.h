#pragma once

#include <span>
#include <string_view>

namespace brink::http {

/// One field line: the name as sent, the value without the white space around
/// it. Views into memory that whoever hands out the Field owns.
struct Field {
  std::string_view name;
  std::string_view value;
};

/// Equal when ASCII case is ignored (field names, hosts, tokens: RFC 9110 5.1).
[[nodiscard]] bool equals_ignoring_case(std::string_view a, std::string_view b) noexcept;

/// The first field of that name, any case, or nullptr.
[[nodiscard]] const Field* find(std::span<const Field> fields, std::string_view name) noexcept;

/// `text` without spaces and tabs at its ends (OWS, RFC 9110 5.6.3).
[[nodiscard]] std::string_view trim(std::string_view text) noexcept;

/// Walks the members of a comma separated list value (RFC 9110 5.6.1): trimmed,
/// empty members skipped, commas inside quoted strings not taken as separators.
class ListValues {
 public:
  explicit ListValues(std::string_view value) noexcept : rest_(value) {}

  /// Moves to the next member; false at the end. The view points into the value.
  [[nodiscard]] bool next(std::string_view& member) noexcept;

 private:
  std::string_view rest_;
};

/// True when a list member of any field `list_name` equals `member`, any case:
/// list_contains(fields, "Connection", "upgrade").
[[nodiscard]] bool list_contains(std::span<const Field> fields, std::string_view list_name,
                                 std::string_view member) noexcept;

/// Fields that belong to one connection and are never passed on (RFC 9110
/// 7.6.1): Connection, Keep-Alive, Proxy-Connection, TE, Trailer,
/// Transfer-Encoding, Upgrade, Proxy-Authenticate, Proxy-Authorization.
[[nodiscard]] bool is_hop_by_hop(std::string_view name) noexcept;

/// The same, plus whatever the message's own Connection fields name.
[[nodiscard]] bool is_hop_by_hop(std::string_view name, std::span<const Field> fields) noexcept;

}  // namespace brink::http
