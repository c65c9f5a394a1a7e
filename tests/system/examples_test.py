"""The examples, built by their script and served as packages."""

import shutil
import subprocess
import time
from pathlib import Path

import pytest
from http_client import Connection, fetch

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "tools" / "build-example"


def built(name, needs=None):
    if needs and not any(map(shutil.which, needs)):
        pytest.skip(f"{needs[0]} is not installed")
    done = subprocess.run([BUILD, name], capture_output=True, text=True, check=False, timeout=240)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def form(server, target, data):
    return fetch(server.port, target, "POST", [("Content-Type", "application/x-www-form-urlencoded")], data)


def test_hello(brink):
    response = fetch(brink(built("hello")).port, "/path?q")
    assert response.text.startswith("Hello, World!") and "GET /path?q" in response.text


def test_env(brink):
    assert "GATEWAY_INTERFACE=CGI/1.1" in fetch(brink(built("env")).port).text


def test_cpp_streams(brink):
    with Connection(brink(built("cpp")).port) as connection:
        started = time.monotonic()
        connection.request()
        connection.head()
        assert connection.chunk().startswith("5 …".encode())
        assert time.monotonic() - started < 1


def test_form(brink):
    server = brink(built("form"))
    assert "<form" in fetch(server.port).text
    body = b"text=" + b"x" * 300_000
    assert form(server, "/", body).body == body


def test_rust(brink):
    server = brink(built("rust", ["cargo"]))
    assert "Hello from Rust" in fetch(server.port).text
    assert form(server, "/", b"two words\n").text == '{"lines": 1, "words": 2}\n'


def test_go(brink):
    server = brink(built("go", ["go", "/usr/local/go/bin/go"]))
    assert fetch(server.port, "/x").text == "Hello from Go: GET http://localhost/x\n"
    assert form(server, "/form?a=1", b"b=2").text == '{"a":["1"],"b":["2"]}\n'


def test_python(brink):
    server = brink(built("python", ["npm"]))
    assert "Hello from Python 3.12" in fetch(server.port).text
    assert form(server, "/", b"name=brink").text == "Hello, brink!\n"
    json = fetch(server.port, "/", "POST", [("Content-Type", "application/json")], b"[1, 2]")
    assert json.text == '{"you_sent": [1, 2]}\n'
