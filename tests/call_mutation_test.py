"""Every host call has a test that fails when the call does nothing: with a body that
only returns 0 (success) or 52 (ENOSYS) in its place, one of the tests that make the
call has to fail. Rows of priority p3 and those that are not offered are free of it.
"""

import os
import re
import subprocess
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PROGRAM = os.environ.get("BRINK_WASI_TEST", "")
ROW = re.compile(r"^\| `(\w+)` \| ([^|]*) \| (p\d) \| ([^|]*) \| ([^|]*) \|", re.M)


def rows():
    """(name, priority, support) of docs/wasix.md, which a unit test holds to the table."""
    return {(m[1], m[3], m[5].strip()) for m in ROW.finditer((ROOT / "docs/wasix.md").read_text())}


def wanted():
    return sorted({name for name, priority, support in rows()
                   if priority != "p3" and support != "not offered"})


def passes(tests, **environment):
    command = [PROGRAM, "--gtest_brief=1", "--gtest_fail_fast", "--gtest_filter=" + ":".join(tests)]
    try:
        return subprocess.run(command, env={**os.environ, **environment}, capture_output=True,
                              timeout=30).returncode == 0
    except subprocess.TimeoutExpired:
        return False  # a test that loops until the call has had its effect


@pytest.fixture(scope="module")
def tests_of(tmp_path_factory):
    """Which tests make which call."""
    log = tmp_path_factory.mktemp("calls") / "log"
    assert passes(["*"], BRINK_CALL_LOG=str(log))
    found = defaultdict(set)
    test = None
    for line in log.read_text().splitlines():
        kind, _, text = line.partition(" ")
        if kind == "test":
            test = text
        else:
            found[text].add(test)
    return found


@pytest.mark.parametrize("name", wanted())
def test_a_body_that_does_nothing_is_noticed(name, tests_of):
    tests = sorted(tests_of[name])
    assert tests, f"no unit test calls {name}"
    for result in (0, 52):
        assert not passes(tests, BRINK_BREAK_CALL=f"{name}={result}"), \
            f"all tests of {name} pass when it only returns {result}"
