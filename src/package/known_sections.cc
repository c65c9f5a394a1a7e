#include "package/known_sections.h"

#include <fmt/format.h>

#include <array>
#include <limits>

namespace brink::package {
namespace {

enum class Shape : std::uint8_t { text, flag, count, duration, size, texts, map, list, free };

/// One key of the schema. A map or a list of maps has fields of its own; `free`
/// takes anything.
struct Field {
  std::string_view key;
  Shape shape;
  const Field* inner = nullptr;
  std::size_t inner_size = 0;

  constexpr Field(std::string_view name, Shape form) : key(name), shape(form) {}
  template <std::size_t N>
  constexpr Field(std::string_view name, Shape form, const std::array<Field, N>& fields)
      : key(name), shape(form), inner(fields.data()), inner_size(N) {}

  [[nodiscard]] constexpr std::span<const Field> fields() const { return {inner, inner_size}; }
};

using enum Shape;

constexpr std::array kHeader = {Field("name", text), Field("value", text)};
constexpr std::array kExpect = {Field("status_codes", free), Field("body_includes", text),
                                Field("body_regex", text)};
// The flat expected_* keys stand in Wasmer's manual, the nested ones in its schema.
constexpr std::array kRequest = {
    Field("path", text),
    Field("method", text),
    Field("headers", list, kHeader),
    Field("body", text),
    Field("timeout", duration),
    Field("expect", map, kExpect),
    Field("expected_status_codes", free),
    Field("expected_body_includes", text),
    Field("expected_body_regex", text),
};
constexpr std::array kHttpCheck = {
    Field("path", text),
    Field("method", text),
    Field("headers", list, kHeader),
    Field("body", text),
    Field("timeout", duration),
    Field("expect", map, kExpect),
    Field("expected_status_codes", free),
    Field("expected_body_includes", text),
    Field("expected_body_regex", text),
    Field("interval", duration),
    Field("unhealthy_threshold", count),
    Field("healthy_threshold", count),
};
constexpr std::array kHealthCheck = {Field("http", map, kHttpCheck)};
constexpr std::array kVolume = {Field("name", text), Field("mount", text)};
constexpr std::array kScheduledTask = {Field("name", text)};
constexpr std::array kMemory = {Field("limit", size)};
constexpr std::array kJobCapabilities = {Field("memory", map, kMemory)};
constexpr std::array kExecute = {
    Field("package", text),          Field("command", text),
    Field("cli_args", texts),        Field("env", free),
    Field("volumes", list, kVolume), Field("capabilities", map, kJobCapabilities),
};
constexpr std::array kAction = {Field("fetch", map, kRequest), Field("execute", map, kExecute)};
constexpr std::array kJob = {
    Field("name", text),
    Field("trigger", text),
    Field("action", map, kAction),
    Field("timeout", duration),
    Field("max_schedule_drift", duration),
    Field("retries", count),
    Field("jitter_percent_max", count),
    Field("jitter_percent_min", count),
};
constexpr std::array kLocality = {Field("regions", texts)};
constexpr std::array kRedirect = {Field("force_https", flag)};

constexpr std::array kRuntime = {Field("engine", text), Field("async_threads", flag)};
constexpr std::array kInstaboot = {Field("mode", free), Field("requests", list, kRequest),
                                   Field("max_age", duration)};
constexpr std::array kDatabase = {Field("engine", text)};
constexpr std::array kCdnCache = {Field("enabled", flag)};
constexpr std::array kPassword = {Field("type", text), Field("password", text),
                                  Field("hash", text)};
constexpr std::array kSshUser = {Field("username", text), Field("passwords", list, kPassword),
                                 Field("authorized_keys", texts)};
constexpr std::array kSsh = {Field("enabled", flag), Field("users", list, kSshUser)};

/// A section, and what follows from its having no effect.
struct Section {
  Field field;
  std::string_view consequence;
};

constexpr std::array kSections = {
    Section{{"domains", texts}, "it answers to every host name"},
    Section{{"locality", map, kLocality}, "it serves on this machine only"},
    Section{{"enable_email", flag}, "the program cannot send mail"},
    Section{{"redirect", map, kRedirect}, "it serves plain HTTP"},
    Section{{"volumes", list, kVolume},
            "files there vanish with the instance; give --mount HOST:GUEST:rw"},
    Section{{"health_checks", list, kHealthCheck}, "nothing checks the program"},
    Section{{"jobs", list, kJob}, "they do not run"},
    Section{{"scheduled_tasks", list, kScheduledTask}, "they do not run"},
    Section{{"vault", text}, "no secret is set; give --env NAME=VALUE"},
};
constexpr std::array kCapabilities = {
    Section{{"runtime", map, kRuntime}, "there is one engine"},
    Section{{"instaboot", map, kInstaboot}, "instances start from the beginning"},
    Section{{"database", map, kDatabase}, "there is no database; give its address by --env"},
    Section{{"cdn_cache", map, kCdnCache}, "answers are not cached"},
    Section{{"ssh", map, kSsh}, "nobody can log in"},
};

enum class Asks : std::uint8_t { nothing, something };

Asks read_fields(MapReader& reader, std::span<const Field> fields);

Asks read_field(MapReader& reader, const Field& field) {
  const auto asks = [](bool value) { return value ? Asks::something : Asks::nothing; };
  switch (field.shape) {
    case text:
      return asks(reader.string(field.key).has_value());
    case flag:
      return asks(reader.boolean(field.key).value_or(false));
    case count:
      return asks(
          reader.integer(field.key, {0, std::numeric_limits<std::uint32_t>::max()}).has_value());
    case duration:
      return asks(reader.duration(field.key).has_value());
    case size:
      return asks(reader.byte_size(field.key).has_value());
    case texts:
      return asks(reader.strings(field.key).has_value());
    case free:
      return asks(reader.any(field.key) != nullptr);
    case list: {
      std::vector<MapReader> items = reader.maps(field.key);
      for (MapReader& item : items) (void)read_fields(item, field.fields());
      return asks(!items.empty());
    }
    case map: {
      auto inner = reader.map(field.key);
      return inner ? read_fields(*inner, field.fields()) : Asks::nothing;
    }
  }
  return Asks::nothing;
}

Asks read_fields(MapReader& reader, std::span<const Field> fields) {
  Asks all = Asks::nothing;
  for (const Field& field : fields) {
    if (read_field(reader, field) == Asks::something) all = Asks::something;
  }
  reader.finish();
  return all;
}

void read_sections(MapReader& reader, std::span<const Section> sections) {
  for (const Section& section : sections) {
    if (read_field(reader, section.field) == Asks::nothing) continue;
    reader.warn(section.field.key,
                fmt::format("has no effect in brink run: {}", section.consequence));
  }
}

}  // namespace

void read_sections_without_effect(MapReader& top, std::optional<MapReader>& capabilities) {
  read_sections(top, kSections);
  if (capabilities) read_sections(*capabilities, kCapabilities);
}

}  // namespace brink::package
