#include "ipc/messages.h"

#include <limits>

#include <boost/json.hpp>

#include "ipc/json_fields.h"

namespace brink::ipc {
namespace {

namespace json = boost::json;

json::object body(const Hello& m) {
  return {{"version", m.version},
          {"role", to_string(m.role)},
          {"slot", m.slot},
          {"pid", m.pid},
          {"token", m.token.hex()}};
}
json::object body(const Start& m) {
  json::array names;
  for (const std::string& name : m.descriptors) names.emplace_back(to_utf8(name));
  return {{"configuration", to_utf8(m.configuration)}, {"descriptors", std::move(names)}};
}
json::object body(const Ready&) { return {}; }
json::object body(const Drain& m) {
  return {{"deadline_ns", m.deadline.since_boot.count()},
          {"successor", m.successor == Drain::Successor::serves ? "serves" : "none"}};
}
json::object body(const Drained& m) { return {{"abandoned", m.abandoned}}; }
json::object body(const Bye&) { return {}; }
json::object body(const Failed& m) {
  return {{"code", traits(m.error.code).label},
          {"message", to_utf8(m.error.message)},
          {"remedy", to_utf8(m.error.remedy)}};
}

Result<Role> parse_role(std::string_view text) {
  for (const Role role : {Role::worker, Role::app, Role::compiler}) {
    if (to_string(role) == text) return role;
  }
  return fail(ErrorCode::bad_request, "unknown role \"" + std::string(text) + "\"");
}

Result<ErrorCode> parse_error_code(std::string_view label) {
  for (int i = 0; i <= static_cast<int>(ErrorCode::internal); ++i) {
    const auto code = static_cast<ErrorCode>(i);
    if (traits(code).label == label) return code;
  }
  return fail(ErrorCode::bad_request, "unknown error code \"" + std::string(label) + "\"");
}

Result<Message> read_hello(JsonFields& fields) {
  Hello m;
  TRY(m.version, fields.number<std::uint32_t>("version"));
  TRY(const std::string role, fields.text("role"));
  TRY(m.role, parse_role(role));
  TRY(m.slot, fields.number<std::uint32_t>("slot"));
  TRY(m.pid, fields.number<pid_t>("pid"));
  TRY(const std::string token, fields.text("token"));
  TRY(m.token, BootToken::parse(token));
  return m;
}

Result<Message> read_start(JsonFields& fields) {
  Start m;
  TRY(m.configuration, fields.text("configuration"));
  TRY(m.descriptors, fields.texts("descriptors", kMaxDescriptors));
  return m;
}

Result<Message> read_drain(JsonFields& fields) {
  TRY(const auto ns, fields.number<std::int64_t>("deadline_ns"));
  TRY(const std::string successor, fields.text("successor"));
  if (successor != "none" && successor != "serves") {
    return fail(ErrorCode::bad_request, "unknown successor \"" + successor + "\"");
  }
  return Drain{MonotonicTime{Duration(ns)},
               successor == "serves" ? Drain::Successor::serves : Drain::Successor::none};
}

Result<Message> read_drained(JsonFields& fields) {
  Drained m;
  TRY(m.abandoned, fields.number<std::uint64_t>("abandoned"));
  return m;
}

Result<Message> read_failed(JsonFields& fields) {
  Failed m;
  TRY(const std::string label, fields.text("code"));
  TRY(m.error.code, parse_error_code(label));
  TRY(m.error.message, fields.text("message"));
  TRY(m.error.remedy, fields.text("remedy"));
  return m;
}

struct KindReader {
  std::string_view kind;
  Result<Message> (*read)(JsonFields&);
};

/// In the order of Message's alternatives.
constexpr KindReader kKinds[] = {
    {"hello", read_hello},
    {"start", read_start},
    {"ready", [](JsonFields&) -> Result<Message> { return Ready{}; }},
    {"drain", read_drain},
    {"drained", read_drained},
    {"bye", [](JsonFields&) -> Result<Message> { return Bye{}; }},
    {"failed", read_failed},
};
static_assert(std::size(kKinds) == std::variant_size_v<Message>);

}  // namespace

std::string_view to_string(Role role) noexcept {
  switch (role) {
    case Role::worker:
      return "worker";
    case Role::app:
      return "app";
    case Role::compiler:
      break;
  }
  return "compiler";
}

bool Failed::operator==(const Failed& other) const {
  return error.code == other.error.code && error.message == other.error.message &&
         error.remedy == other.error.remedy;
}

std::string_view kind(const Message& message) noexcept { return kKinds[message.index()].kind; }

std::string encode(const Message& message) {
  json::object object = std::visit([](const auto& m) { return body(m); }, message);
  object.emplace("kind", kind(message));
  return json::serialize(object);
}

Result<Message> decode(std::string_view packet) {
  TRY(JsonFields fields, JsonFields::parse(packet));
  TRY(const std::string name, fields.text("kind"));
  for (const KindReader& reader : kKinds) {
    if (reader.kind != name) continue;
    auto message = reader.read(fields);
    if (!message) return std::unexpected(std::move(message).error().in(name));
    if (auto end = fields.expect_end(); !end) {
      return std::unexpected(std::move(end).error().in(name));
    }
    return message;
  }
  return fail(ErrorCode::bad_request, "unknown kind of message \"" + to_utf8(name) + "\"");
}

}  // namespace brink::ipc
