"""What a user may write wrongly, and the line it gets: place, cause and remedy, an
exit code that says whose turn it is, and no socket opened."""

import signal
import socket

import pytest
from http_client import fetch
from process import guest, run_to_end

WRONG = 2    # what was written: options, configuration, module, paths
REFUSED = 1  # the machine does not have it

MODULE = '[[module]]\nname = "x"\nsource = "x.wasm"\n'
COMMAND = '[[command]]\nname = "x"\nmodule = "x"\nrunner = "wcgi"\n'
APP = "kind: wasmer.io/App.v0\npackage: .\n"


def errors_of(*arguments, code=WRONG, cwd=None):
    done = run_to_end(*arguments, cwd=cwd)
    assert done.returncode == code, done
    assert done.stdout == b"", done
    lines = done.stderr.decode().splitlines()
    for line in lines:
        assert line.startswith("error: "), lines
        assert "; " in line or " must be " in line, f"there is no remedy in {line!r}"
    return [line.removeprefix("error: ") for line in lines]


def write_package(folder, toml=MODULE + COMMAND, app=None):
    (folder / "x.wasm").write_bytes(open(guest("hello"), "rb").read())
    (folder / "wasmer.toml").write_text(toml)
    if app is not None:
        (folder / "app.yaml").write_text(app)


@pytest.mark.parametrize("toml, line", [
    (MODULE + 'source = "y"\n' + COMMAND,
     "wasmer.toml:4:1: key 'source' stands here twice, first in line 3; remove one of them"),
    ("[package]\nname = \n", "wasmer.toml:2:8: a value is missing behind '='; write one, or remove the line"),
    ("[package]\nname = 'a/b\n", "wasmer.toml:2:12: the quote that was opened has no end; add it on the same line"),
    ("[package]\nname = a/b\n",
     'wasmer.toml:2:8: this is no value; put a text in quotes, for example key = "text"'),
    ("[package]\nname: 'a/b'\n",
     "wasmer.toml:2:5: a key is followed by '=' here, not by ':'; write key = value"),
    ("[package\n", "wasmer.toml:1:9: this table's name has no end; write [name], or [[name]] for one of several"),
    (MODULE + COMMAND.replace("wcgi", "wcig"),
     "wasmer.toml:7:10: command[0].runner: must be one of wasi, wcgi, dcgi, dproxy, emscripten, wasm4, "
     "or a URL, not 'wcig'; did you mean wcgi?"),
    (MODULE.replace("[[module]]", "[module]"), "wasmer.toml:1:2: module: must be a list; write [[module]], with two brackets"),
    ("[fs]\n'/dev/x' = 'x'\n" + MODULE + COMMAND,
     "wasmer.toml:2:12: fs./dev/x: '/dev/x' is where the devices are; choose another path inside the program"),
], ids=lambda value: None)
def test_a_mistake_in_wasmer_toml(tmp_path, toml, line):
    write_package(tmp_path, toml)
    assert errors_of("run", tmp_path) == [f"{tmp_path}/{line}"]


@pytest.mark.parametrize("app, line", [
    (APP + "\tname: x\n", "app.yaml:3:1: a tab stands in the indentation; indent with spaces"),
    (APP + "env: {A: b: c}\n", "app.yaml:3:"),
    (APP + "cli_args: [a\nname: x\n", "app.yaml:4:5: a list in brackets is not closed, or lacks a comma; write [a, b]"),
    (APP + "name: @x\n", "app.yaml:3:7: a value cannot begin with this character; put it in quotes"),
    ("kind:x\n", "app.yaml:1:1: the file must be a map of keys and values; write KEY: VALUE, with a space "
                 "behind the colon"),
    (APP + "mode: wcig\n", "app.yaml:3:7: mode: must be one of auto, wcgi, proxy, stream, command, not 'wcig'; "
                           "did you mean wcgi?"),
    (APP + "wcgi: {request_body: steam}\n",
     "app.yaml:3:22: wcgi.request_body: must be one of spool, stream, not 'steam'; did you mean stream?"),
    (APP + "limits: {wall_time: 1.5s}\n",
     "app.yaml:3:21: limits.wall_time: '1.5s' is not a duration: it has a fraction; a smaller unit does without; "),
], ids=lambda value: None)
def test_a_mistake_in_app_yaml(tmp_path, app, line):
    write_package(tmp_path, app=app)
    found = errors_of("run", tmp_path)
    assert len(found) == 1
    assert found[0].startswith(f"{tmp_path}/{line}"), found


def test_all_mistakes_of_a_file_are_told_at_once_each_on_a_line_of_its_own(tmp_path):
    write_package(tmp_path, MODULE + 'source = "y"\n' + COMMAND + "colour = 1\n")
    assert [line.rpartition("wasmer.toml:")[2][:4] for line in errors_of("run", tmp_path)] == ["4:1:", "9:1:"]
    write_package(tmp_path, app=APP + "package: .\nname: A\nlimits: {memory: x}\n")
    found = errors_of("run", tmp_path)
    assert [line.rpartition("app.yaml:")[2][:4] for line in found[:1]] == ["3:1:"]
    assert len(found) == 3


@pytest.mark.parametrize("words, line", [
    (["run"], "brink run needs a PATH; give a .wasm file, or a directory with a wasmer.toml; "
              "brink run --help explains"),
    (["run", "x", "--listen"], "--listen: the value is missing; write --listen ADDR:PORT"),
    (["run", "x", "--listen", "1.1.1.1:1", "--listen", "1.1.1.1:1"], "--listen is given twice; remove one of them"),
    (["run", "x", "--quiet=foo"], "--quiet takes no value; write --quiet alone, or leave it out"),
    (["run", "x", "--wrokers", "1"], "there is no option '--wrokers'; did you mean --workers?"),
    (["run", "x", "-listen", "1"], "there is no option '-listen'; did you mean --listen?"),
    (["run", "x", "--colour"], "there is no option '--colour'; see brink run --help"),
    (["run", "x", "--mode", "comand"], "--mode 'comand': there is no such mode; did you mean command?"),
    (["run", "-"], "a program cannot be read from standard input; give a .wasm file, or a directory with a wasmer.toml"),
    (["run", "x", "--mount", "/:/dev/x"], "--mount: mount '/:/dev/x': '/dev/x' is where the devices are; "
                                          "choose another path inside the program"),
    (["rnu", "x"], "there is no command 'rnu'; did you mean run?"),
    (["x.wasm"], "there is no command 'x.wasm'; to serve a program, write brink run 'x.wasm'"),
    (["--quiet", "run", "x"], "--quiet stands in front of the command; write brink run --quiet, then the rest"),
    (["help", "rnu"], "there is no command 'rnu'; did you mean run?"),
], ids=lambda value: " ".join(value) if isinstance(value, list) else None)
def test_a_mistake_on_the_command_line(words, line):
    assert errors_of(*words) == [line]


@pytest.mark.parametrize("words", [[], ["help"], ["--help"], ["help", "run"], ["run", "--help"], ["run", "x", "-h"]])
def test_help_is_no_error(words):
    done = run_to_end(*words)
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"Usage: brink" in done.stdout
    assert all(len(line) <= 80 for line in done.stdout.decode().splitlines())


def test_a_directory_that_is_named_like_a_program(tmp_path):
    (tmp_path / "x.wasm").mkdir()
    (line,) = errors_of("run", "x.wasm", cwd=tmp_path)
    assert line == ("x.wasm is a directory, in spite of its name; give a .wasm file (perhaps one in it), or write a "
                    "wasmer.toml there")


@pytest.mark.parametrize("option", [["--listen", "127.0.0.1:0"], ["--workers", "1"], ["--admin", "127.0.0.1:0"],
                                    ["--access-log"], ["--debug"]], ids=lambda option: option[0])
def test_an_option_of_a_server_where_none_is_started(tmp_path, option):
    (line,) = errors_of("run", guest("hello"), "--mode", "command", *option)
    assert line == (f"{option[0]} has no effect in mode command (--mode command), where the program runs once; "
                    "remove it, or serve with --mode wcgi")
    write_package(tmp_path, app=APP + "mode: command\n")
    (line,) = errors_of("run", tmp_path, *option)
    assert "(app.yaml says mode: command)" in line


def test_a_relative_place_in_a_program_that_is_served(tmp_path):
    (line,) = errors_of("run", guest("hello"), "--mount", f"{tmp_path}:data/")
    assert line == f"mount '{tmp_path}': 'data/' is not an absolute path; write /data"


def test_what_the_machine_refuses_has_another_code():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        errors_of("run", guest("hello"), "--listen", f"127.0.0.1:{port}", code=REFUSED)
    (line,) = errors_of("run", guest("hello"), "--listen", "192.0.2.1:0", code=REFUSED)
    assert "address of this machine" in line


def test_a_reload_that_fails_tells_each_mistake(brink, tmp_path):
    write_package(tmp_path)
    server = brink(tmp_path)
    write_package(tmp_path, MODULE + 'source = "y"\n' + COMMAND + "colour = 1\n")
    server.signal(signal.SIGHUP)
    for place in ("4:1", "9:1"):
        server.output.wait_for(f"^error: not reloaded: .*/wasmer.toml:{place}: ")
    assert fetch(server.port).status == 200


def test_a_file_that_is_missing_or_no_module_is_the_users(tmp_path):
    errors_of("run", tmp_path / "none.wasm")
    (tmp_path / "x.wasm").write_text("#!/bin/sh\n")
    errors_of("run", tmp_path / "x.wasm")


def test_a_mount_on_tmp_is_kept(brink, tmp_path):
    tmp_path.chmod(0o777)
    server = brink("file_tool", "--mount", f"{tmp_path}:/tmp:rw")
    assert fetch(server.port, "/?op=write&path=/tmp/f&text=kept").status == 200
    assert fetch(server.port, "/?op=read&path=/tmp/f").text == "kept"
    assert (tmp_path / "f").read_text() == "kept"


def test_the_page_for_an_early_exit_says_what_there_is_to_know(brink):
    server = brink("exit_code", "--debug")
    assert "standard error:\nleaving early" in fetch(server.port).text
    page = fetch(server.port, "/?code=71").text
    assert "exit code 71" in page and "-Wl,-z,stack-size=" in page
    server.output.wait_for(r'"message":".*exit code 71, .*stack-size')
    assert "printed nothing" in fetch(server.port, "/?quiet=1").text


def test_a_command_that_wasi_libc_ends_gets_the_hint():
    done = run_to_end("run", guest("exit_code"), "--mode", "command", "--env", "QUERY_STRING=code=71")
    assert done.returncode == 71
    assert b"-Wl,-z,stack-size=" in done.stderr
