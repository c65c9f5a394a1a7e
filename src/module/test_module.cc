#include "module/test_module.h"

namespace brink::module::testing {
namespace {

std::uint8_t code_of(char letter) {
  switch (letter) {
    case 'i':
      return kI32.code;
    case 'I':
      return kI64.code;
    case 'f':
      return kF32.code;
    case 'F':
      return kF64.code;
    default:
      return kFuncref.code;
  }
}

void letters(Writer& out, std::string_view types) {
  out.unsigned_number(types.size());
  for (const char c : types) out.byte(code_of(c));
}

}  // namespace

void TestModule::entry(std::uint8_t section, const Bytes& bytes) {
  ++sections_[section].count;
  sections_[section].bytes.raw(bytes);
}

std::uint32_t TestModule::type(std::string_view parameters, std::string_view results) {
  Writer out;
  out.byte(0x60);
  letters(out, parameters);
  letters(out, results);
  entry(1, std::move(out).take());
  return sections_[1].count - 1;
}

std::uint32_t TestModule::import_function(std::string_view module, std::string_view name,
                                          std::uint32_t type) {
  Writer out;
  out.name(module);
  out.name(name);
  out.byte(0);
  out.unsigned_number(type);
  entry(2, std::move(out).take());
  return functions_++;
}

void TestModule::import_other(std::string_view module, std::string_view name, ExternKind kind,
                              std::initializer_list<int> type) {
  Writer out;
  out.name(module);
  out.name(name);
  out.byte(static_cast<std::uint8_t>(kind));
  out.raw(bytes_of(type));
  entry(2, std::move(out).take());
}

std::uint32_t TestModule::function(std::uint32_t type, const Bytes& code) {
  Writer index;
  index.unsigned_number(type);
  entry(3, std::move(index).take());
  Writer body;
  body.unsigned_number(code.size() + 2);
  body.byte(0);
  body.raw(code);
  body.byte(0x0B);
  entry(10, std::move(body).take());
  return functions_++;
}

void TestModule::export_(std::string_view name, ExternKind kind, std::uint32_t index) {
  Writer out;
  out.name(name);
  out.byte(static_cast<std::uint8_t>(kind));
  out.unsigned_number(index);
  entry(7, std::move(out).take());
}

void TestModule::passive_data(std::string_view text) {
  Writer out;
  out.byte(1);
  out.name(text);
  entry(11, std::move(out).take());
}

void TestModule::passive_functions(std::initializer_list<std::uint32_t> functions) {
  Writer out;
  out.byte(1);
  out.byte(0);
  out.unsigned_number(functions.size());
  for (const std::uint32_t function : functions) out.unsigned_number(function);
  entry(9, std::move(out).take());
}

void TestModule::custom(std::string_view name, std::string_view content) {
  Writer payload;
  payload.name(name);
  payload.raw(bytes_of(content));
  customs_.byte(0);
  customs_.unsigned_number(payload.size());
  customs_.raw(payload.view());
}

Bytes TestModule::bytes() const {
  Writer out;
  out.raw(bytes_of({0, 'a', 's', 'm', 1, 0, 0, 0}));
  for (const int id : {1, 2, 3, 4, 5, 13, 6, 7, 9, 12, 10, 11}) {
    Writer payload;
    if (id == 12 && sections_.contains(11)) {
      payload.unsigned_number(sections_.at(11).count);
    } else if (const auto found = sections_.find(static_cast<std::uint8_t>(id));
               found != sections_.end()) {
      payload.unsigned_number(found->second.count);
      payload.raw(found->second.bytes.view());
    } else {
      continue;
    }
    out.byte(static_cast<std::uint8_t>(id));
    out.unsigned_number(payload.size());
    out.raw(payload.view());
  }
  out.raw(customs_.view());
  return std::move(out).take();
}

}  // namespace brink::module::testing
