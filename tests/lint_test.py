"""Each rule of tools/lint finds what it is for, and leaves the rest alone."""

import importlib.machinery
import importlib.util
from pathlib import Path

import pytest

LOADER = importlib.machinery.SourceFileLoader("lint", str(Path(__file__).resolve().parents[1] / "tools/lint"))
lint = importlib.util.module_from_spec(importlib.util.spec_from_loader("lint", LOADER))
LOADER.exec_module(lint)


def messages(path, text):
    return [message for _, message in lint.check_file(Path(path), text)]


@pytest.mark.parametrize("path, text, part", [
    ("src/a/b.cc", "// TODO: later\n", "TODO"),
    ("docs/x.md", "FIXME\n", "FIXME"),
    ("src/a/b_test.cc", "std::this_thread::sleep_for(1ms);\n", "virtual clock"),
    ("src/a/b.cc", "} catch (...) {}\n", "swallowed"),
    ("src/a/b.cc", "#include <iostream>\n", "fmt"),
    ("src/a/b.h", "int f();\n", "#pragma once"),
    ("src/a/b.cc", "x\n" * 601, "601 lines"),
    ("src/a/b.cc", "int x; \n", "blanks"),
    ("src/a/b.cc", "int x;", "newline"),
])
def test_finds(path, text, part):
    assert any(part in message for message in messages(path, text))


@pytest.mark.parametrize("path, text", [
    ("src/a/b.cc", "x\n" * 600),
    ("src/a/b.h", "#pragma once\n"),
    ("src/a/b.cc", "timer.expires_after(1ms);  // sleeps for a while\n"),
    ("examples/x/main.cc", "#include <iostream>\n"),
    ("src/http/testdata/fields.txt", "X: 1 \n"),
])
def test_leaves_alone(path, text):
    assert messages(path, text) == []


def test_wants_a_readme_per_folder_and_seeds_per_fuzz_target():
    paths = [Path("src/a/CMakeLists.txt"), Path("src/a/x_fuzz.cc")]
    assert len(list(lint.check_tree(paths))) == 2
    paths += [Path("src/a/README.md"), Path("fuzz/corpus/x_fuzz/1")]
    assert list(lint.check_tree(paths)) == []
