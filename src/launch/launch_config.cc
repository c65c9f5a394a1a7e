#include "launch/launch_config.h"

#include <boost/json.hpp>

namespace brink::launch {
namespace {

namespace json = boost::json;

template <class E>
json::value number(E value) {
  return static_cast<std::uint64_t>(value);
}

template <class E>
E to_enum(const json::value& value) {
  return static_cast<E>(json::value_to<std::uint64_t>(value));
}

std::uint64_t limit_value(const package::LimitRow& row, const package::Limits& limits) {
  return std::visit(
      [&](auto member) -> std::uint64_t {
        const auto& value = limits.*member;
        if constexpr (std::is_same_v<std::decay_t<decltype(value)>, Duration>) {
          return static_cast<std::uint64_t>(value.count());
        } else if constexpr (std::is_same_v<std::decay_t<decltype(value)>, ByteSize>) {
          return value.bytes();
        } else {
          return value;
        }
      },
      row.member);
}

void set_limit(const package::LimitRow& row, package::Limits& limits, std::uint64_t number) {
  std::visit(
      [&](auto member) {
        using T = std::decay_t<decltype(limits.*member)>;
        if constexpr (std::is_same_v<T, Duration>) {
          limits.*member = Duration(static_cast<std::int64_t>(number));
        } else {
          limits.*member = T(number);
        }
      },
      row.member);
}

json::object encode_limits(const package::Limits& limits) {
  json::object out;
  for (const package::LimitRow& row : package::kLimits) out[row.key] = limit_value(row, limits);
  return out;
}

LaunchConfig read(const json::object& in) {
  LaunchConfig config;
  config.app = json::value_to<std::string>(in.at("app"));
  for (const json::value& name : in.at("commands").as_array()) {
    config.commands.push_back({json::value_to<std::string>(name)});
  }
  config.arguments = json::value_to<std::vector<std::string>>(in.at("arguments"));
  config.environment =
      json::value_to<std::vector<std::pair<std::string, std::string>>>(in.at("environment"));
  for (const package::LimitRow& row : package::kLimits) {
    set_limit(row, config.limits,
              json::value_to<std::uint64_t>(in.at("limits").as_object().at(row.key)));
  }
  config.abi = to_enum<module::Dialect>(in.at("abi"));
  config.dialect = to_enum<package::Dialect>(in.at("dialect"));
  const json::object& wcgi = in.at("wcgi").as_object();
  config.wcgi = {to_enum<package::WcgiOptions::RequestBody>(wcgi.at("request_body")),
                 to_enum<package::WcgiOptions::Authorization>(wcgi.at("authorization")),
                 to_enum<package::WcgiOptions::QueryArguments>(wcgi.at("query_arguments"))};
  config.wasix = {to_enum<package::WasixOptions::PortOrder>(in.at("port_order"))};
  config.detail = to_enum<package::ErrorDetail>(in.at("detail"));
  for (const json::value& item : in.at("mounts").as_array()) {
    const json::object& mount = item.as_object();
    config.mounts.push_back({json::value_to<std::string>(mount.at("path")),
                             to_enum<wasi::files::Access>(mount.at("access")),
                             to_enum<wasi::files::Origin>(mount.at("origin"))});
  }
  config.files = json::value_to<std::vector<std::string>>(in.at("files"));
  config.root = to_enum<wasi::files::RootPreopen>(in.at("root"));
  config.start = to_enum<wasm::Program::Start>(in.at("start"));
  config.initial_memory = json::value_to<std::uint64_t>(in.at("initial_memory"));
  config.outbound = to_enum<sandbox::Outbound>(in.at("outbound"));
  config.egress = json::value_to<std::vector<std::string>>(in.at("egress"));
  config.name_servers = json::value_to<std::vector<std::string>>(in.at("name_servers"));
  if (const json::value* threads = in.if_contains("threads")) {
    config.threads =
        LaunchConfig::Threads{json::value_to<std::uint32_t>(threads->at("memory_minimum")),
                              json::value_to<std::uint32_t>(threads->at("memory_maximum")),
                              json::value_to<std::string>(threads->at("entry"))};
  }
  config.access_log = to_enum<LaunchConfig::AccessLog>(in.at("access_log"));
  config.slot = json::value_to<std::uint32_t>(in.at("slot"));
  config.workers = json::value_to<std::uint32_t>(in.at("workers"));
  config.seat = {json::value_to<std::uint32_t>(in.at("seat")),
                 json::value_to<std::uint32_t>(in.at("generation"))};
  config.seats = json::value_to<std::uint32_t>(in.at("seats"));
  config.uid = json::value_to<std::uint32_t>(in.at("uid"));
  config.gid = json::value_to<std::uint32_t>(in.at("gid"));
  return config;
}

}  // namespace

std::string encode(const LaunchConfig& config) {
  json::array commands;
  for (const LaunchConfig::Command& command : config.commands) {
    commands.push_back(json::value(command.name));
  }
  json::array mounts;
  for (const LaunchConfig::Mount& mount : config.mounts) {
    mounts.push_back(json::object{{"path", mount.guest_path},
                                  {"access", number(mount.access)},
                                  {"origin", number(mount.origin)}});
  }
  json::object out{
      {"app", config.app},
      {"commands", std::move(commands)},
      {"arguments", json::value_from(config.arguments)},
      {"environment", json::value_from(config.environment)},
      {"limits", encode_limits(config.limits)},
      {"abi", number(config.abi)},
      {"dialect", number(config.dialect)},
      {"wcgi", json::object{{"request_body", number(config.wcgi.request_body)},
                            {"authorization", number(config.wcgi.authorization)},
                            {"query_arguments", number(config.wcgi.query_arguments)}}},
      {"port_order", number(config.wasix.port_order)},
      {"detail", number(config.detail)},
      {"mounts", std::move(mounts)},
      {"files", json::value_from(config.files)},
      {"root", number(config.root)},
      {"start", number(config.start)},
      {"initial_memory", config.initial_memory},
      {"outbound", number(config.outbound)},
      {"egress", json::value_from(config.egress)},
      {"name_servers", json::value_from(config.name_servers)},
      {"access_log", number(config.access_log)},
      {"slot", config.slot},
      {"workers", config.workers},
      {"seat", config.seat.index},
      {"generation", config.seat.generation},
      {"seats", config.seats},
      {"uid", config.uid},
      {"gid", config.gid},
  };
  if (config.threads) {
    out["threads"] = json::object{{"memory_minimum", config.threads->memory_minimum},
                                  {"memory_maximum", config.threads->memory_maximum},
                                  {"entry", config.threads->entry}};
  }
  return json::serialize(out);
}

Result<LaunchConfig> decode_launch_config(std::string_view text) {
  // The node wrote it: any mismatch is a bug of ours or a mixed installation.
  try {
    return read(json::parse({text.data(), text.size()}).as_object());
  } catch (const std::exception& error) {
    return fail(ErrorCode::internal, std::string("the worker's configuration: ") + error.what());
  }
}

}  // namespace brink::launch
