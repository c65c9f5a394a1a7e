#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "http/field.h"

namespace brink::wcgi {

/// The four forms an answer can have (RFC 3875, section 6.2).
enum class AnswerForm : std::uint8_t {
  document,                  ///< 6.2.1
  local_redirect,            ///< 6.2.2: the server answers with another path's answer
  client_redirect,           ///< 6.2.3: Location, and the server's status
  client_redirect_document,  ///< 6.2.4: Location and a document
};

/// A program's answer up to its body, ready to be framed for the client. All
/// views point into the builder that made it, up to its next reset.
struct AnswerHead {
  std::uint16_t status = 200;
  std::string_view reason;  ///< the program's own; empty: the usual one
  /// In the program's order, repeated fields kept; without Status,
  /// Content-Length, Date (the server writes these) and hop-by-hop fields.
  std::span<const http::Field> fields;
  std::optional<std::uint64_t> content_length;  ///< as the program states it
  AnswerForm form = AnswerForm::document;
  std::string_view local_target;  ///< path and query, for local_redirect
};

struct AnswerLimits {
  std::size_t max_head_bytes = std::size_t{32} << 10;  ///< line ends included
  std::size_t max_fields = 100;                        ///< Status and the like included
};

/// Collects and judges the fields of one answer, whatever the dialect they
/// come in. Sans-I/O; keeps its memory over reset(). All errors are
/// guest_bad_answer and name the field.
class AnswerHeadBuilder {
 public:
  explicit AnswerHeadBuilder(std::size_t max_fields = AnswerLimits{}.max_fields)
      : max_fields_(max_fields) {}

  /// The status as three digits, from a Status field or a leading status line:
  /// 200 to 599. An interim (1xx) status is an error, since a CGI answer is one
  /// answer; so are two statuses that differ.
  Result<void> set_status(std::string_view digits, std::string_view reason);

  /// One field; leading and trailing white space of the value is taken off.
  Result<void> add(std::string_view name, std::string_view value);

  /// Works out the form of the answer. An answer has a status, a Content-Type
  /// or a Location (RFC 3875, 6.3), or it is an error.
  Result<void> finish();

  [[nodiscard]] const AnswerHead& head() const { return head_; }
  void reset();

 private:
  struct Slice {
    std::size_t name, name_size, value, value_size;
  };

  Result<void> add_content_length(std::string_view value);
  Result<void> add_location(std::string_view value);
  Result<void> choose_form();
  void keep(std::string_view name, std::string_view value);
  void drop_connection_fields();
  [[nodiscard]] std::string_view text(std::size_t at, std::size_t size) const {
    return std::string_view(text_).substr(at, size);
  }

  std::size_t max_fields_;
  std::string text_;  ///< names, values and reason; slices survive its growth
  std::vector<Slice> slices_;
  std::vector<http::Field> fields_;
  AnswerHead head_;
  std::size_t count_ = 0;
  std::size_t reason_at_ = 0;
  std::size_t reason_size_ = 0;
  std::optional<std::uint16_t> status_;
  std::optional<std::size_t> location_;  ///< index into slices_
  std::string connection_;               ///< what the program's Connection fields name
  bool has_content_type_ = false;
};

}  // namespace brink::wcgi
