"""The link graph is the architecture: a folder of src/ may use only what stands
above it in src/CMakeLists.txt, and includes only what it declares."""

import re
from pathlib import Path

SRC = Path(__file__).resolve().parents[1] / "src"
DECLARATION = re.compile(r"^brink_(?:library|program)\(\s*(\w+)([^)]*)\)", re.M)
KEYWORDS = {"SOURCES", "DEPS", "PRIVATE_DEPS", "TESTS", "TEST_DEPS", "FUZZ"}


def order(text):
    """The folders from the bottom up, as src/CMakeLists.txt lists them."""
    return re.search(r"foreach\(folder IN ITEMS ([\w\s]+)\)", text)[1].split()


def libraries(text):
    """{library: {keyword: [words]}} of one CMakeLists.txt."""
    found = {}
    for name, body in DECLARATION.findall(re.sub(r"#.*", "", text)):
        words, keyword = {}, None
        for word in body.split():
            if word in KEYWORDS:
                keyword = word
            elif keyword:
                words.setdefault(keyword, []).append(word)
        found[name] = words
    return found


def declared(words, tests=False):
    keys = ["DEPS", "PRIVATE_DEPS"] + (["TEST_DEPS"] if tests else [])
    return {dep.removeprefix("brink::") for key in keys for dep in words.get(key, [])
            if dep.startswith("brink::")}


def problems(folders, graph, includes):
    """What breaks the rules. `graph` is {folder: libraries}, `includes` is
    {folder: {included folder: file}}."""
    place = {folder: index for index, folder in enumerate(folders)}
    owner = {library: folder for folder, found in graph.items() for library in found}
    reach = {}
    for folder in folders:
        if folder not in graph:
            continue  # not part of the build
        direct = {owner.get(dep, dep) for words in graph.get(folder, {}).values()
                  for dep in declared(words, tests=True)}
        for dep in sorted(direct - {folder}):
            if place.get(dep, len(folders)) >= place[folder]:
                yield f"{folder} links to {dep}, which does not stand above it in src/CMakeLists.txt"
        reach[folder] = direct.union(*(reach.get(dep, set()) for dep in direct), {folder})
        for used, file in sorted(includes.get(folder, {}).items()):
            if used in place and used not in reach[folder]:
                yield f"{file} includes {used}/, which src/{folder}/CMakeLists.txt does not declare"


def scan():
    graph, includes = {}, {}
    folders = order((SRC / "CMakeLists.txt").read_text())
    for folder in folders:
        for file in sorted((SRC / folder).rglob("CMakeLists.txt")):
            graph.setdefault(folder, {}).update(libraries(file.read_text()))
        for file in sorted(p for p in (SRC / folder).rglob("*") if p.suffix in (".h", ".cc")):
            for used in re.findall(r'^#include "([^/"]+)/', file.read_text(), re.M):
                includes.setdefault(folder, {}).setdefault(used, file.relative_to(SRC.parent))
    return folders, graph, includes


def test_dependencies_point_one_way():
    assert list(problems(*scan())) == []


def test_every_folder_is_part_of_the_build():
    folders = order((SRC / "CMakeLists.txt").read_text())
    present = {p.parent.name for p in SRC.glob("*/CMakeLists.txt")}
    assert present <= set(folders)


def test_only_wasm_includes_the_engine():
    # Tests may: some prove against the engine itself what a folder claims of it.
    guilty = [str(file.relative_to(SRC)) for file in SRC.rglob("*")
              if file.suffix in (".h", ".cc") and file.relative_to(SRC).parts[0] != "wasm"
              and not file.name.endswith("_test.cc")
              and re.search(r"#include <(wasm\.h|wasmtime)", file.read_text())]
    assert guilty == []


def test_the_check_finds_what_it_is_for():
    graph = {"base": libraries("brink_library(base SOURCES a.cc DEPS brink::http)"),
             "http": libraries("brink_library(http DEPS brink::base)")}
    found = list(problems(["base", "net", "http"], graph, {"http": {"net": "src/http/x.cc"}}))
    assert len(found) == 2
    assert "base links to http" in found[0] and "src/http/x.cc includes net/" in found[1]
