"""Every test that the conformance lists name exists: a list is worth as much as
the tests behind it."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGES = ("conformance.md", "conformance-http.md", "conformance-cgi.md")
CORPORA = {"requests": "requests.txt", "bodies": "bodies.txt"}

# "Suite.Name"; "Suite.*" and "Suite.…" mean the suite; "…Name" stands for a
# name that begins like the one before it.
UNIT = re.compile(r"\b([A-Z]\w+)\.([A-Z]\w+|\*|…)|…([A-Z]\w+)")
SYSTEM = re.compile(r"\b(\w+_test\.py)::(\w+)")
FUZZ = re.compile(r"`(\w+_fuzz)`")
CASES = re.compile(r"\b(requests|bodies): ([^;|\n]*)")
# "x-…" means all that begin so, "…-x" all that end so.
CASE = re.compile(r"^(…?)([a-z0-9-]+)(…?)$")


def unit_tests():
    found = set()
    for file in (ROOT / "src").rglob("*_test.cc"):
        found |= set(re.findall(r"^TEST(?:_F|_P)?\(\s*(\w+),\s*(\w+)\)", file.read_text(), re.M))
    return found


def system_tests():
    return {(file.name, name) for file in (ROOT / "tests/system").glob("*_test.py")
            for name in re.findall(r"^def (test_\w+)", file.read_text(), re.M)}


def fuzz_targets():
    return {file.stem for file in (ROOT / "src").rglob("*_fuzz.cc")}


def corpus(name):
    lines = (ROOT / "src/http/testdata" / CORPORA[name]).read_text().splitlines()
    return {line.split("|")[0].strip() for line in lines if "|" in line and not line.startswith("#")}


def missing_unit_tests(text, tests):
    suite = ""
    for match in UNIT.finditer(text):
        named, name, ending = match.groups()
        suite = named or suite
        if ending:
            ok = any(s == suite and n.endswith(ending) for s, n in tests)
        elif name in ("*", "…"):
            ok = any(s == suite for s, _ in tests)
        else:
            ok = (suite, name) in tests
        if not ok:
            yield match[0]


def missing_cases(text, corpora):
    for match in CASES.finditer(text):
        for part in re.split(r",| … ", match[2]):
            # What is not a case's name ends the list: the name of a unit test.
            if part.strip(" …") and (case := CASE.match(part.strip().replace("… ", "…"))):
                before, name, after = case.groups()
                if not any((n.endswith(name) if before else n.startswith(name) if after else n == name)
                           for n in corpora[match[1]]):
                    yield f"{match[1]}: {part.strip()}"


def missing(text, units, systems, fuzzers, corpora):
    yield from missing_unit_tests(text, units)
    yield from (m[0] for m in SYSTEM.finditer(text) if (m[1], m[2]) not in systems)
    yield from (m[1] for m in FUZZ.finditer(text) if m[1] not in fuzzers)
    yield from missing_cases(text, corpora)


@pytest.mark.parametrize("page", PAGES)
def test_every_test_that_a_list_names_exists(page):
    corpora = {name: corpus(name) for name in CORPORA}
    text = (ROOT / "docs" / page).read_text()
    assert list(missing(text, unit_tests(), system_tests(), fuzz_targets(), corpora)) == []


def test_the_check_finds_what_it_is_for():
    text = ("| a | Head.IsRead, …IsCut, Head.*, Tail.IsGone; requests: one, two-…, …-three, four; "
            "bodies: five | `head_fuzz`, `tail_fuzz`, a_test.py::test_a, a_test.py::test_b |")
    found = list(missing(text, {("Head", "IsRead"), ("Head", "BodyIsCut")}, {("a_test.py", "test_a")},
                         {"head_fuzz"}, {"requests": {"one", "two-x", "x-three"}, "bodies": set()}))
    assert found == ["Tail.IsGone", "a_test.py::test_b", "tail_fuzz", "requests: four", "bodies: five"]
