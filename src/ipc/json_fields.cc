#include "ipc/json_fields.h"

namespace brink::ipc {
namespace {

namespace json = boost::json;

json::parse_options strict_options() {
  json::parse_options options;
  options.max_depth = 4;
  return options;
}

}  // namespace

Result<JsonFields> JsonFields::parse(std::string_view text) {
  boost::system::error_code error;
  json::value value =
      json::parse(json::string_view(text.data(), text.size()), error, {}, strict_options());
  if (error) return fail(ErrorCode::bad_request, "not a message: " + error.message());
  if (!value.is_object()) return fail(ErrorCode::bad_request, "a message must be a JSON object");
  return JsonFields(std::move(value.get_object()));
}

Result<json::value> JsonFields::take(std::string_view key) {
  const auto field = object_.find(json::string_view(key.data(), key.size()));
  if (field == object_.end()) return wrong(key, "is missing");
  json::value value = std::move(field->value());
  object_.erase(field);
  return value;
}

Result<std::string> JsonFields::text(std::string_view key) {
  TRY(const json::value value, take(key));
  if (!value.is_string()) return wrong(key, "must be a string");
  return std::string(value.get_string());
}

Result<std::vector<std::string>> JsonFields::texts(std::string_view key, std::size_t most) {
  TRY(const json::value value, take(key));
  if (!value.is_array()) return wrong(key, "must be an array");
  if (value.get_array().size() > most) {
    return wrong(key, "has more than " + std::to_string(most) + " elements");
  }
  std::vector<std::string> result;
  for (const json::value& element : value.get_array()) {
    if (!element.is_string()) return wrong(key, "must be an array of strings");
    result.emplace_back(element.get_string());
  }
  return result;
}

Result<void> JsonFields::expect_end() const {
  if (object_.empty()) return {};
  return wrong(std::string_view(object_.begin()->key()), "is unknown");
}

std::unexpected<Error> JsonFields::wrong(std::string_view key, std::string_view what) {
  return fail(ErrorCode::bad_request, "\"" + to_utf8(key) + "\" " + std::string(what),
              "both processes must be of the same brink version");
}

std::string to_utf8(std::string_view text) {
  // The parser is the judge of UTF-8; it reads a string literal without escapes.
  std::string result(text);
  std::string literal = "\"";
  for (const char c : text) {
    literal += static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\' ? ' ' : c;
  }
  literal += '"';
  boost::system::error_code error;
  json::parse(literal, error);
  if (error) {
    for (char& c : result) {
      if (static_cast<unsigned char>(c) >= 0x80) c = '?';
    }
  }
  return result;
}

}  // namespace brink::ipc
