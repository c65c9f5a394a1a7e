"""Fixtures of the system tests. BRINK_BINARY and BRINK_GUESTS name what to
test; ctest sets them, and so can you:

    BRINK_BINARY=build/release/brink BRINK_GUESTS=build/dev/guests \
        /usr/bin/python3 -m pytest tests/system
"""

import contextlib

import pytest
from process import BINARY, Brink, guest


def pytest_collection_modifyitems(items):
    if not BINARY:
        pytest.exit("set BRINK_BINARY to the brink to test, and BRINK_GUESTS to its guests", 2)
    del items


@pytest.fixture(scope="session", autouse=True)
def cache(tmp_path_factory):
    """A compilation cache of our own: tests neither use nor fill the user's."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder))
        patch.setenv("BRINK_CACHE", str(folder))
        yield folder


@pytest.fixture
def brink():
    """brink(PATH or guest name, options…): a running server, stopped with
    SIGTERM at the end of the test, which must make it leave with 0."""
    with contextlib.ExitStack() as stack:
        def start(path, *options, **keywords):
            path = path if "/" in str(path) else guest(path)
            server = Brink(path, *options, **keywords)
            stack.callback(server.stop)
            return server

        yield start
