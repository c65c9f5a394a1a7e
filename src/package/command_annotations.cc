#include "package/command_annotations.h"

#include <fmt/format.h>

#include <array>

#include "package/guest_path.h"
#include "package/package_path.h"

namespace brink::package {
namespace {

void read_wasi(MapReader& wasi, ManifestCommand& command) {
  command.main_args = wasi.strings("main-args").value_or(std::vector<std::string>{});
  for (const std::string& text : wasi.strings("env").value_or(std::vector<std::string>{})) {
    if (auto variable = parse_variable(text)) {
      set_variable(command.env, std::move(*variable));
    } else {
      wasi.error("env", variable.error().text());
    }
  }
  if (const auto cwd = wasi.string("cwd")) {
    if (auto path = normal_guest_path(*cwd)) {
      command.cwd = std::move(*path);
    } else {
      wasi.error("cwd", path.error().text());
    }
  }
  command.exec_name = wasi.string("exec-name");
  if (const auto atom = wasi.string("atom"); atom && *atom != command.module) {
    wasi.error("atom", fmt::format("is {}, but module is {}; remove atom", in_quotes(*atom),
                                   in_quotes(command.module)));
  }
  if (wasi.string("package")) wasi.warn("package", "has no effect");
  if (wasi.string("mount-atom-in-volume")) wasi.warn("mount-atom-in-volume", "has no effect");
  wasi.finish();
}

void read_wcgi(MapReader& wcgi, ManifestCommand& command) {
  constexpr std::array<std::string_view, 2> kDialects = {"rfc-3875", "wcgi"};
  if (const auto dialect = wcgi.one_of("dialect", kDialects)) {
    command.dialect = *dialect == 0 ? Dialect::rfc3875 : Dialect::json;
  }
  wcgi.finish();
}

void read_tables(MapReader& annotations, ManifestCommand& command) {
  if (auto wasi = annotations.map("wasi")) read_wasi(*wasi, command);
  if (auto wcgi = annotations.map("wcgi")) read_wcgi(*wcgi, command);
  // Its runner is refused when such a command starts.
  (void)annotations.map("emscripten");
  annotations.finish();
}

void read_file(MapReader& annotations, const AnnotationFile& annotation_file,
               ManifestCommand& command) {
  // Both kinds go through the YAML reader: JSON is a subset of YAML 1.2.
  constexpr std::array<std::string_view, 2> kKinds = {"json", "yaml"};
  const std::string file = annotations.required_string("file");
  if (!annotations.has("kind")) annotations.error("kind", "is missing; it must be json or yaml");
  (void)annotations.one_of("kind", kKinds);
  annotations.finish();
  if (file.empty()) return;
  if (const auto inside = check_package_path(file); !inside) {
    return annotations.error("file", inside.error().text());
  }
  if (!annotation_file)
    return annotations.error("file", "cannot be read here; write the annotations into this file");
  const auto text = annotation_file(file);
  if (!text) return annotations.error("file", text.error().text());
  Diagnostics found(file);
  if (const auto root = parse_yaml(*text, found)) {
    MapReader reader(*root, "", found);
    read_tables(reader, command);
  }
  annotations.diagnostics().add(found);
}

}  // namespace

void read_annotations(MapReader& command_reader, const AnnotationFile& annotation_file,
                      ManifestCommand& command) {
  auto annotations = command_reader.map("annotations");
  if (!annotations) return;
  if (annotations->has("file")) {
    read_file(*annotations, annotation_file, command);
  } else {
    read_tables(*annotations, command);
  }
}

}  // namespace brink::package
