#include "package/config_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "base/suggest.h"

namespace brink::package {
namespace {

using Form = Node::Form;
constexpr std::array kTextForms = {Form::plain, Form::string};
constexpr std::array kBooleanForms = {Form::plain, Form::boolean};
constexpr std::array kNumberForms = {Form::plain, Form::number};
constexpr std::array kSizeForms = {Form::plain, Form::string, Form::number};

bool allows(std::span<const Form> forms, Form form) {
  return std::ranges::find(forms, form) != forms.end();
}

}  // namespace

std::string MapReader::path_of(std::string_view key) const {
  return path_.empty() ? std::string(key) : fmt::format("{}.{}", path_, key);
}

Position MapReader::position_of(std::string_view key) const {
  const Node* node = map_->find(key);
  return node == nullptr ? map_->at : node->at;
}

void MapReader::error(std::string_view key, std::string_view message) {
  diagnostics_->error(position_of(key), path_of(key), message);
}

void MapReader::warn(std::string_view key, std::string_view message) {
  diagnostics_->warn(position_of(key), path_of(key), message);
}

const Node* MapReader::any(std::string_view key) {
  known_.push_back(key);
  return map_->find(key);
}

const Node* MapReader::scalar(std::string_view key, std::span<const Form> forms,
                              std::string_view wanted) {
  const Node* node = any(key);
  if (node == nullptr) return nullptr;
  if (node->kind == Node::Kind::null) {
    error(key, fmt::format("is empty; write {}, or remove the key", wanted));
    return nullptr;
  }
  if (node->kind != Node::Kind::scalar || !allows(forms, node->form)) {
    error(key, fmt::format("must be {}", wanted));
    return nullptr;
  }
  return node;
}

std::optional<std::string> MapReader::string(std::string_view key) {
  const Node* node = scalar(key, kTextForms, "a text");
  if (node == nullptr) return std::nullopt;
  return node->text;
}

std::string MapReader::required_string(std::string_view key) {
  if (!has(key)) {
    known_.push_back(key);
    diagnostics_->error(map_->at, path_of(key), "is missing; it must be a text");
    return {};
  }
  std::string text = string(key).value_or("");
  const Node* node = map_->find(key);
  if (text.empty() && node->kind == Node::Kind::scalar && allows(kTextForms, node->form)) {
    error(key, "must not be empty; write a text");
  }
  return text;
}

std::optional<bool> MapReader::boolean(std::string_view key) {
  const Node* node = scalar(key, kBooleanForms, "true or false, without quotes");
  if (node == nullptr) return std::nullopt;
  if (node->text == "true") return true;
  if (node->text == "false") return false;
  error(key, fmt::format("must be true or false, not {}", in_quotes(node->text)));
  return std::nullopt;
}

std::optional<std::uint64_t> MapReader::integer(std::string_view key, IntegerRange range) {
  const std::string wanted = fmt::format("a whole number from {} to {}", range.min, range.max);
  const Node* node = scalar(key, kNumberForms, wanted);
  if (node == nullptr) return std::nullopt;
  std::uint64_t value = 0;
  const char* end = node->text.data() + node->text.size();
  const auto [rest, problem] = std::from_chars(node->text.data(), end, value);
  if (problem != std::errc() || rest != end || value < range.min || value > range.max) {
    error(key, fmt::format("must be {}, not {}", wanted, in_quotes(node->text)));
    return std::nullopt;
  }
  return value;
}

std::optional<Duration> MapReader::duration(std::string_view key) {
  const Node* node = scalar(key, kSizeForms, "a duration like 30s");
  if (node == nullptr) return std::nullopt;
  const auto value = parse_duration(node->text);
  if (value) return *value;
  error(key, value.error().text());
  return std::nullopt;
}

std::optional<ByteSize> MapReader::byte_size(std::string_view key) {
  const Node* node = scalar(key, kSizeForms, "a size like 128MiB");
  if (node == nullptr) return std::nullopt;
  const auto value = parse_byte_size(node->text);
  if (value) return *value;
  error(key, value.error().text());
  return std::nullopt;
}

std::optional<std::size_t> MapReader::one_of(std::string_view key,
                                             std::span<const std::string_view> words) {
  const std::string wanted = fmt::format("one of {}", fmt::join(words, ", "));
  const Node* node = scalar(key, kTextForms, wanted);
  if (node == nullptr) return std::nullopt;
  const auto found = std::ranges::find(words, node->text);
  if (found != words.end()) return static_cast<std::size_t>(found - words.begin());
  const std::string_view near = suggest(node->text, words);
  error(key, fmt::format("must be {}, not {}{}", wanted, in_quotes(node->text),
                         near.empty() ? "" : fmt::format("; did you mean {}?", near)));
  return std::nullopt;
}

std::optional<std::vector<std::string>> MapReader::strings(std::string_view key) {
  const Node* node = any(key);
  if (node == nullptr || node->kind == Node::Kind::null) return std::nullopt;
  if (node->kind != Node::Kind::sequence) {
    error(key, "must be a list of texts; write [a, b]");
    return std::nullopt;
  }
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < node->items.size(); ++i) {
    const Node& item = node->items[i];
    if (item.kind == Node::Kind::scalar && allows(kTextForms, item.form)) {
      texts.push_back(item.text);
    } else {
      diagnostics_->error(item.at, fmt::format("{}[{}]", path_of(key), i), "must be a text");
    }
  }
  return texts;
}

std::optional<MapReader> MapReader::map(std::string_view key) {
  const Node* node = any(key);
  if (node == nullptr || node->kind == Node::Kind::null) return std::nullopt;
  if (node->kind != Node::Kind::map) {
    error(key, "must be a map of keys and values");
    return std::nullopt;
  }
  return MapReader(*node, path_of(key), *diagnostics_);
}

std::vector<MapReader> MapReader::maps(std::string_view key, std::string_view list_remedy) {
  std::vector<MapReader> readers;
  const Node* node = any(key);
  if (node == nullptr || node->kind == Node::Kind::null) return readers;
  if (node->kind != Node::Kind::sequence) {
    error(key, fmt::format("must be a list{}", list_remedy));
    return readers;
  }
  for (std::size_t i = 0; i < node->items.size(); ++i) {
    const Node& item = node->items[i];
    std::string path = fmt::format("{}[{}]", path_of(key), i);
    if (item.kind == Node::Kind::map) {
      readers.emplace_back(item, std::move(path), *diagnostics_);
    } else {
      diagnostics_->error(item.at, path, "must be a map of keys and values");
    }
  }
  return readers;
}

void MapReader::finish() {
  for (const Entry& entry : map_->entries) {
    if (std::ranges::find(known_, std::string_view(entry.key)) != known_.end()) continue;
    const std::string_view near = suggest(entry.key, known_);
    const std::string path = path_of(entry.key);
    if (!near.empty()) {
      diagnostics_->error(entry.at, path, fmt::format("unknown key; did you mean {}?", near));
    } else {
      diagnostics_->error(entry.at, path,
                          fmt::format("unknown key; known here: {}", fmt::join(known_, ", ")));
    }
  }
}

}  // namespace brink::package
