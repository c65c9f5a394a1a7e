"""What cannot be run is refused in one line with cause and remedy, before a
socket is opened."""

import os
import socket

import pytest
from process import guest, run_to_end

HEADER = b"\0asm\1\0\0\0"
TYPE = b"\x01\x04\x01\x60\x00\x00"  # () -> ()
# After an imported function: one of our own, exported as _start, with no code in it.
IMPORT_AND_START = (b"\x02\x0b\x01\x03env\x03foo\x00\x00" + b"\x03\x02\x01\x00"
                    + b"\x07\x0a\x01\x06_start\x00\x01" + b"\x0a\x04\x01\x02\x00\x0b")


def refused(*arguments, mentions, cwd=None):
    done = run_to_end("run", *arguments, cwd=cwd)
    lines = done.stderr.decode().splitlines()
    assert done.returncode not in (0, -6, -11), done
    assert b"listening" not in done.stdout + done.stderr
    errors = [line for line in lines if "error" in line]
    assert len(errors) == 1, lines
    for part in mentions:
        assert part.lower() in errors[0].lower(), f"{part!r} is not in {errors[0]!r}"


@pytest.mark.parametrize("content, mentions", [
    (b"#!/bin/sh\n", ["script", "not webassembly"]),
    (b"", ["wasm"]),
    (HEADER + b"\x01\xff", ["program.wasm"]),
    (HEADER, ["_start"]),
    (HEADER + TYPE + IMPORT_AND_START, ["env", "foo"]),
], ids=["text", "empty", "truncated", "no start", "unknown import"])
def test_a_file_that_is_no_program(tmp_path, content, mentions):
    (tmp_path / "program.wasm").write_bytes(content)
    refused(tmp_path / "program.wasm", mentions=mentions)


def test_a_path_that_does_not_exist(tmp_path):
    refused(tmp_path / "nothing.wasm", mentions=["nothing.wasm"])


def test_a_directory_without_a_package(tmp_path):
    refused(tmp_path, mentions=["wasmer.toml"])


def test_a_mistyped_key_is_named_with_its_place_and_the_right_one(tmp_path):
    (tmp_path / "wasmer.toml").write_text('[package]\nname = "a/b"\n\n[[modul]]\nname = "x"\n')
    refused(tmp_path, mentions=["wasmer.toml:4", "modul", "module"])


def test_a_mistyped_key_in_app_yaml(tmp_path):
    (tmp_path / "wasmer.toml").write_text(
        '[[module]]\nname = "x"\nsource = "x.wasm"\n[[command]]\nname = "x"\nmodule = "x"\nrunner = "wcgi"\n')
    (tmp_path / "x.wasm").write_bytes(open(guest("hello"), "rb").read())
    (tmp_path / "app.yaml").write_text("kind: wasmer.io/App.v0\npackage: .\nlimit:\n  memory: 1GiB\n")
    refused(tmp_path, mentions=["app.yaml:3", "limit", "limits"])


def package(folder, toml="", app=None):
    (folder / "x.wasm").write_bytes(open(guest("hello"), "rb").read())
    (folder / "wasmer.toml").write_text(
        '[[module]]\nname = "x"\nsource = "x.wasm"\n[[command]]\nname = "x"\nmodule = "x"\nrunner = "wcgi"\n'
        + toml)
    if app is not None:
        (folder / "app.yaml").write_text(app)


def test_a_duplicate_key_in_wasmer_toml(tmp_path):
    package(tmp_path, toml='module = "x"\n')
    refused(tmp_path, mentions=["wasmer.toml:8", "module"])


def test_a_duplicate_key_in_app_yaml(tmp_path):
    package(tmp_path, app="kind: wasmer.io/App.v0\npackage: .\nlimits:\n  memory: 1GiB\n  memory: 2GiB\n")
    refused(tmp_path, mentions=["app.yaml:5", "memory"])


@pytest.mark.parametrize("text, place", [
    ('[package\nname = "a/b"\n', "wasmer.toml:1"),
    ('[package]\nname = "a/b\n', "wasmer.toml:2"),
])
def test_toml_that_cannot_be_read(tmp_path, text, place):
    (tmp_path / "wasmer.toml").write_text(text)
    refused(tmp_path, mentions=[place])


def test_yaml_that_cannot_be_read(tmp_path):
    package(tmp_path, app="kind: wasmer.io/App.v0\npackage: [\n")
    refused(tmp_path, mentions=["app.yaml:"])


def test_a_mount_that_is_a_file(tmp_path):
    (tmp_path / "file").write_text("")
    refused(guest("hello"), "--mount", f"{tmp_path}/file:/data", mentions=["file", "directory"])


def test_a_mount_that_this_user_cannot_read(tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0)
    if os.geteuid() == 0:
        # Root can read all of it, but the program does not run as root.
        os.chown(closed, 12345, 12345)
    refused(guest("hello"), "--mount", f"{closed}:/data:ro", mentions=[str(closed), "right to read"])


@pytest.mark.parametrize("options, mentions", [
    (["--listen", "nonsense"], ["nonsense"]),
    (["--listen", "127.0.0.1:70000"], ["70000"]),
    (["--mount", "/does/not/exist:/x"], ["/does/not/exist"]),
    (["--mount", "/tmp:/a/../b"], [".."]),
    (["--wall-time", "soon"], ["soon"]),
    (["--memory", "1PB"], ["1PB"]),
    (["--limit", "memroy=1MiB"], ["memroy", "memory"]),
    (["--workres", "1"], ["workres"]),
    (["--env", "=x"], ["env"]),
])
def test_a_bad_option(options, mentions):
    refused(guest("hello"), *options, mentions=mentions)


def test_a_port_in_use():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        refused(guest("hello"), "--listen", f"127.0.0.1:{port}", mentions=[str(port), "in use"])


def test_memory_that_does_not_fit_the_limit(tmp_path):
    # (memory 4096): 256 MiB at least; the section before the exports of an empty _start.
    module = (HEADER + TYPE + b"\x03\x02\x01\x00" + b"\x05\x04\x01\x00\x80\x20"
              + b"\x07\x13\x02\x06memory\x02\x00\x06_start\x00\x00" + b"\x0a\x04\x01\x02\x00\x0b")
    (tmp_path / "big.wasm").write_bytes(module)
    refused(tmp_path / "big.wasm", "--memory", "64MiB", mentions=["256", "64"])
