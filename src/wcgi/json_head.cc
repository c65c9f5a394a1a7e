#include <fmt/format.h>

#include <limits>

#include <boost/json/basic_parser_impl.hpp>

#include "wcgi/json_dialect.h"
#include "wcgi/text.h"

namespace brink::wcgi {
namespace {

namespace json = boost::json;
using Code = boost::system::error_code;

constexpr std::string_view kShape = "print {\"status\":200,\"headers\":{}} and a line end first";

/// Takes the parser's events to the builder, without a tree in between; its
/// names are the ones that Boost.JSON calls. Sizes are bounded by the line.
class HeadHandler {
 public:
  static constexpr std::size_t max_object_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_array_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_key_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_string_size = std::numeric_limits<std::size_t>::max();

  explicit HeadHandler(AnswerHeadBuilder& builder) : builder_(builder) {}

  [[nodiscard]] const std::optional<Error>& error() const { return error_; }
  [[nodiscard]] bool has_status() const { return has_status_; }

  bool on_document_begin(Code&) { return true; }
  bool on_document_end(Code&) { return true; }

  bool on_object_begin(Code& code) {
    if (at_ == At::document) return move(At::head);
    if (at_ == At::headers_value) return move(At::headers);
    return misplaced("an object", code);
  }
  bool on_object_end(std::size_t, Code&) { return move(At::head); }

  bool on_array_begin(Code& code) {
    if (at_ == At::field_value) return move(At::field_values);
    return misplaced("an array", code);
  }
  bool on_array_end(std::size_t, Code&) { return move(At::headers); }

  bool on_key_part(json::string_view part, std::size_t, Code&) { return extend(key_, part); }
  bool on_key(json::string_view part, std::size_t, Code& code) {
    extend(key_, part);
    if (at_ == At::headers) {
      name_.swap(key_);
      key_.clear();
      return move(At::field_value);
    }
    return take_member(std::exchange(key_, {}), code);
  }

  bool on_string_part(json::string_view part, std::size_t, Code&) { return extend(value_, part); }
  bool on_string(json::string_view part, std::size_t, Code& code) {
    extend(value_, part);
    const std::string value = std::exchange(value_, {});
    if (at_ != At::field_value && at_ != At::field_values) return misplaced("a string", code);
    if (auto added = builder_.add(name_, value); !added) return stop(added.error(), code);
    return at_ == At::field_values || move(At::headers);
  }

  bool on_number_part(json::string_view, Code&) { return true; }
  bool on_int64(std::int64_t number, json::string_view, Code& code) {
    if (at_ != At::status_value) return misplaced("a number", code);
    // A negative number has more than three characters or is no digits.
    const auto digits = fmt::format("{:03}", number);
    if (auto set = builder_.set_status(digits, {}); !set) return stop(set.error(), code);
    has_status_ = true;
    return move(At::head);
  }
  bool on_uint64(std::uint64_t, json::string_view, Code& code) {
    return misplaced("a number above 2^63", code);
  }
  bool on_double(double, json::string_view, Code& code) { return misplaced("a fraction", code); }
  bool on_bool(bool, Code& code) { return misplaced("true or false", code); }
  bool on_null(Code& code) { return misplaced("null", code); }
  bool on_comment_part(json::string_view, Code&) { return true; }
  bool on_comment(json::string_view, Code&) { return true; }

 private:
  /// Where the next event is: in which object, or the value of what.
  enum class At : std::uint8_t {
    document,
    head,
    status_value,
    headers_value,
    headers,
    field_value,
    field_values,
  };

  bool move(At at) {
    at_ = at;
    return true;
  }

  static bool extend(std::string& text, json::string_view part) {
    text.append(part.data(), part.size());
    return true;
  }

  bool take_member(const std::string& name, Code& code) {
    if (name == "status" && !has_status_) return move(At::status_value);
    if (name == "headers" && !std::exchange(has_headers_, true)) return move(At::headers_value);
    const bool repeated = name == "status" || name == "headers";
    return stop(
        {ErrorCode::guest_bad_answer,
         fmt::format("{} member \"{}\"", repeated ? "a second" : "an unknown", excerpt(name)),
         std::string(kShape)},
        code);
  }

  bool misplaced(std::string_view what, Code& code) {
    return stop({ErrorCode::guest_bad_answer, fmt::format("{} where {} belongs", what, expected()),
                 std::string(kShape)},
                code);
  }

  [[nodiscard]] std::string expected() const {
    switch (at_) {
      case At::status_value:
        return "the status, a number,";
      case At::headers_value:
        return "the object of headers";
      case At::field_value:
      case At::field_values:
        return fmt::format("the text of {}", excerpt(name_));
      case At::document:
      case At::head:
      case At::headers:
        break;
    }
    return "an object";
  }

  bool stop(Error error, Code& code) {
    error_ = std::move(error);
    code = make_error_code(boost::system::errc::invalid_argument);
    return false;
  }

  AnswerHeadBuilder& builder_;
  std::optional<Error> error_;
  std::string key_;
  std::string value_;
  std::string name_;
  At at_ = At::document;
  bool has_status_ = false;
  bool has_headers_ = false;
};

Error bad_line(std::string message) {
  return {ErrorCode::guest_bad_answer, std::move(message), std::string(kShape)};
}

}  // namespace

Result<Fed> JsonHeadParser::feed(std::string_view bytes) {
  const auto room = limits_.max_head_bytes - partial_.size();
  const auto end = bytes.substr(0, room).find('\n');
  if (end == std::string_view::npos) {
    if (bytes.size() > room) {
      return std::unexpected(bad_line(
          fmt::format("the program's first line is longer than {} bytes", limits_.max_head_bytes)));
    }
    partial_.append(bytes);
    return Fed{Fed::State::need_more, bytes.size()};
  }
  auto line = bytes.substr(0, end);
  if (!partial_.empty()) line = partial_.append(line);
  if (auto taken = take_line(line); !taken) {
    return std::unexpected(std::move(taken).error().in("the program's first line"));
  }
  return Fed{Fed::State::head, end + 1};
}

Result<void> JsonHeadParser::take_line(std::string_view line) {
  json::parse_options options;
  options.max_depth = 4;  // the head, its headers, one field's values: 3
  json::basic_parser<HeadHandler> parser(options, builder_);
  Code code;
  const auto used = parser.write_some(false, line.data(), line.size(), code);
  if (parser.handler().error()) return std::unexpected(*parser.handler().error());
  if (code) {
    return std::unexpected(
        bad_line(fmt::format("\"{}\" is not JSON: {}", excerpt(line), code.message())));
  }
  if (used < line.size()) {
    return std::unexpected(
        bad_line(fmt::format("\"{}\" follows the JSON head", excerpt(line.substr(used)))));
  }
  if (!parser.handler().has_status())
    return std::unexpected(bad_line("the JSON head has no status"));
  return builder_.finish();
}

Error JsonHeadParser::end_of_output() const {
  if (partial_.empty()) return bad_line("the program printed nothing");
  return bad_line(
      fmt::format("the program's output ended in its first line, after {} bytes", partial_.size()));
}

void JsonHeadParser::reset() {
  builder_.reset();
  partial_.clear();
}

}  // namespace brink::wcgi
