#include "package/app_yaml.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "package/config_reader.h"
#include "package/known_sections.h"
#include "package/listeners.h"

namespace brink::package {
namespace {

constexpr std::string_view kKind = "wasmer.io/App.v0";
constexpr std::uint64_t kMostInstances = 10'000;

void read_kind(MapReader& top) {
  const Node* kind = top.any("kind");
  if (kind == nullptr) {
    top.error("kind", fmt::format("is missing; write kind: {}", kKind));
  } else if (kind->kind != Node::Kind::scalar) {
    top.error("kind", fmt::format("must be the text {}", kKind));
  } else if (kind->text != kKind) {
    top.error("kind", fmt::format("must be {}, not {}", kKind, in_quotes(kind->text)));
  }
}

/// ^[a-z0-9]([-a-z0-9]*[a-z0-9])?$
bool is_app_name(std::string_view name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  };
  return !name.empty() && std::ranges::all_of(name, allowed) && !name.starts_with('-') &&
         !name.ends_with('-');
}

void read_identity(MapReader& top, AppConfig& config) {
  if (const auto name = top.string("name")) {
    config.name = *name;
    if (!is_app_name(*name)) {
      top.error("name", fmt::format("must be lower-case letters, digits and inner hyphens, not {}",
                                    in_quotes(*name)));
    }
  }
  // These describe the app to people and platforms; nothing runs differently.
  (void)top.string("owner");
  (void)top.string("app_id");
  (void)top.string("description");
  (void)top.map("annotations");
}

void read_package_source(MapReader& top, AppConfig& config) {
  const std::string source = top.required_string("package");
  if (source.empty()) return;
  if (!source.starts_with('.') && !source.starts_with('/')) {
    top.error("package", fmt::format("{} is not a path, and packages from a registry are not "
                                     "supported by this version; write package: . and put a "
                                     "wasmer.toml beside this file",
                                     in_quotes(source)));
  }
  config.package = source;
}

void read_mode(MapReader& top, AppConfig& config) {
  const auto word = top.string("mode");
  if (!word) return;
  if (const auto mode = parse_mode(*word)) {
    config.mode = *mode;
  } else {
    constexpr std::array<std::string_view, 5> kModes = {"auto", "wcgi", "proxy", "stream",
                                                        "command"};
    (void)top.one_of("mode", kModes);  // says so
  }
}

void read_env(MapReader& top, AppConfig& config) {
  auto env = top.map("env");
  if (!env) return;
  for (const Entry& entry : env->node().entries) {
    const auto value = env->string(entry.key);
    if (entry.key.empty() || entry.key.contains('=')) {
      env->error(entry.key, "is no name for a variable; write NAME: VALUE");
    } else if (value) {
      config.env.push_back({entry.key, *value});
    }
  }
}

void read_scaling(MapReader& top, AppConfig& config) {
  constexpr std::array<std::string_view, 1> kModes = {"single_concurrency"};
  auto scaling = top.map("scaling");
  if (!scaling) return;
  Scaling& into = config.scaling;
  const auto count = [&](std::string_view key, std::uint64_t min, std::uint64_t& target) {
    if (const auto value = scaling->integer(key, {min, kMostInstances})) target = *value;
  };
  count("min_instances", 0, into.min_instances);
  count("max_instances", 1, into.max_instances);
  count("max_concurrency", 1, into.max_concurrency);
  if (const auto timeout = scaling->duration("idle_timeout")) into.idle_timeout = *timeout;
  if (scaling->one_of("mode", kModes)) into.concurrency = Scaling::Concurrency::single;
  if (into.min_instances > into.max_instances) {
    scaling->error("min_instances",
                   fmt::format("is more than max_instances, {}; lower it", into.max_instances));
  }
  for (const std::string_view key :
       {"min_instances", "max_instances", "max_concurrency", "idle_timeout"}) {
    if (!scaling->has(key)) continue;
    scaling->warn(key,
                  "has no effect in mode wcgi, where each request has an instance of its "
                  "own; bound them with limits.instances");
  }
  scaling->finish();
}

void read_limit(MapReader& reader, std::string_view key, std::string_view limit,
                AppConfig& config) {
  const Node* node = reader.any(key);
  if (node == nullptr) return;
  if (node->kind != Node::Kind::scalar) {
    reader.error(key, "must be one value, for example 30s, 128MiB or 256");
  } else if (const auto set = config.limits.set(limit, node->text); !set) {
    reader.error(key, set.error().text());
  }
}

void read_limits(MapReader& top, std::optional<MapReader>& capabilities, AppConfig& config) {
  if (capabilities) {
    if (auto memory = capabilities->map("memory")) {
      read_limit(*memory, "limit", "memory", config);
      memory->finish();
    }
  }
  const auto from_capabilities = config.limits.get("memory");
  auto limits = top.map("limits");
  if (!limits) return;
  for (const LimitRow& row : kLimits) read_limit(*limits, row.key, row.key, config);
  limits->finish();
  if (from_capabilities && from_capabilities != config.limits.get("memory")) {
    limits->error("memory", "differs from capabilities.memory.limit; remove one of them");
  }
}

void read_egress(MapReader& top, AppConfig& config) {
  auto egress = top.map("egress");
  if (!egress) return;
  if (const auto allow = egress->strings("allow")) {
    net::EgressRules rules;
    for (const std::string& text : *allow) {
      if (auto rule = net::parse_egress_rule(text)) {
        rules.add(*std::move(rule));
      } else {
        egress->error("allow", rule.error().text());
      }
    }
    config.egress = std::move(rules);
  }
  egress->finish();
}

void read_wcgi(MapReader& top, AppConfig& config) {
  constexpr std::array<std::string_view, 2> kBodies = {"spool", "stream"};
  constexpr std::array<std::string_view, 2> kAuthorizations = {"withhold", "pass"};
  constexpr std::array<std::string_view, 2> kSwitch = {"off", "on"};
  auto wcgi = top.map("wcgi");
  if (!wcgi) return;
  if (const auto body = wcgi->one_of("request_body", kBodies)) {
    config.wcgi.request_body = static_cast<WcgiOptions::RequestBody>(*body);
  }
  if (const auto authorization = wcgi->one_of("authorization", kAuthorizations)) {
    config.wcgi.authorization = static_cast<WcgiOptions::Authorization>(*authorization);
  }
  if (const auto arguments = wcgi->one_of("query_arguments", kSwitch)) {
    config.wcgi.query_arguments = static_cast<WcgiOptions::QueryArguments>(*arguments);
  }
  wcgi->finish();
}

void read_wasix(MapReader& top, AppConfig& config) {
  constexpr std::array<std::string_view, 2> kOrders = {"little-endian", "big-endian"};
  auto wasix = top.map("wasix");
  if (!wasix) return;
  if (const auto order = wasix->one_of("port_order", kOrders)) {
    config.wasix.port_order = static_cast<WasixOptions::PortOrder>(*order);
  }
  wasix->finish();
}

void read_execution(MapReader& top, AppConfig& config) {
  constexpr std::array<std::string_view, 3> kExecutors = {"auto", "worker", "process"};
  if (const auto executor = top.one_of("executor", kExecutors)) {
    config.executor = static_cast<Executor>(*executor);
  }
  config.cli_args = top.strings("cli_args");
  if (top.boolean("debug").value_or(false)) config.error_detail = ErrorDetail::shown;
}

}  // namespace

Result<AppConfig> read_app_yaml(std::string_view text, std::string_view file) {
  Diagnostics diagnostics{std::string(file)};
  const auto root = parse_yaml(text, diagnostics);
  if (!root) return std::unexpected(diagnostics.to_error());
  MapReader top(*root, "", diagnostics);
  AppConfig config;
  config.file = file;
  read_kind(top);
  read_identity(top, config);
  read_package_source(top, config);
  read_mode(top, config);
  read_env(top, config);
  read_execution(top, config);
  read_wcgi(top, config);
  read_wasix(top, config);
  read_scaling(top, config);
  auto capabilities = top.map("capabilities");
  read_limits(top, capabilities, config);
  config.listen = read_listeners(top);
  read_egress(top, config);
  read_sections_without_effect(top, capabilities);
  if (capabilities) capabilities->finish();
  top.finish();
  if (diagnostics.error_count() != 0) return std::unexpected(diagnostics.to_error());
  config.warnings = diagnostics.warnings();
  return config;
}

}  // namespace brink::package
