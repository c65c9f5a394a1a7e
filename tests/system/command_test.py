"""A program that runs once, with the terminal's streams: --mode command."""

import shutil
import os
import pwd
import signal
import subprocess
import tempfile

import pytest
from http_client import fetch
from process import BINARY, DEADLINE, guest, run_to_end

COMMAND = ("run", "--quiet", "--mode", "command")


def command(name, *options, arguments=(), **keywords):
    return run_to_end(*COMMAND, guest(name), *options, "--", *arguments, **keywords)


def body(done):
    assert done.returncode == 0, done
    return done.stdout.partition(b"\n\n")[2].decode()


@pytest.mark.parametrize("spelling", ["/", "/data", "data.dir", "a/b", ".", "./x"])
def test_a_mounted_directory_is_found_under_the_name_it_was_given(tmp_path, spelling):
    assert body(command("preopens", "--mount", f"{tmp_path}:{spelling}:rw")) == f"3 {spelling}\n"


def test_a_lone_command_has_no_files_but_those_mounted():
    assert body(command("preopens")) == ""


def test_other_programs_have_a_root(brink, tmp_path):
    server = brink("preopens", "--mount", f"{tmp_path}:/data")
    assert fetch(server.port).text == "3 /\n4 /data\n"


def test_relative_mounts_serve_relative_paths(tmp_path):
    (tmp_path / "data.dir").mkdir()
    mount = ("--mount", "data.dir:data.dir:rw")
    done = command("file_calls", *mount, arguments=["data.dir"], cwd=tmp_path)
    assert body(done) == "all done\n"


@pytest.mark.parametrize("at", ["/", "."])
def test_every_file_call_passes_the_sandbox_of_a_command(tmp_path, at):
    done = command("file_calls", "--mount", f"{tmp_path}:{at}:rw", arguments=[at])
    assert body(done) == "all done\n"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("path", ["/data", "/tmp"])
def test_every_file_call_passes_the_sandbox_of_a_worker(brink, tmp_path, path):
    server = brink("file_calls", "--mount", f"{tmp_path}:/data:rw")
    for _ in range(2):
        assert fetch(server.port, f"/?path={path}").text == "all done\n"


def test_a_mount_hides_the_packages_directory_at_its_place(tmp_path):
    for name in ("inside", "outside"):
        (tmp_path / name).mkdir()
    shutil.copy(guest("file_calls"), tmp_path / "x.wasm")
    (tmp_path / "wasmer.toml").write_text(
        '[package]\nname = "a/x"\nversion = "1.0.0"\ndescription = "x"\n'
        '[[module]]\nname = "x"\nsource = "x.wasm"\nabi = "wasi"\n'
        '[[command]]\nname = "x"\nmodule = "x"\nrunner = "wasi"\n[fs]\n"/data" = "inside"\n')
    done = run_to_end(*COMMAND, tmp_path, "--mount", f"{tmp_path / 'outside'}:/data:rw", "--",
                      "/data")
    assert body(done) == "all done\n"


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_a_mounted_directory_may_be_of_roots_group():
    # The program runs as the owner, so all above has to be passable for him.
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        data = os.path.join(folder, "data")
        os.mkdir(data, 0o755)
        os.chown(data, pwd.getpwnam("nobody").pw_uid, 0)
        done = command("file_calls", "--mount", f"{data}:/:rw", arguments=["/"])
    assert body(done) == "all done\n"


def test_only_variables_that_were_given_are_passed():
    done = command("env_dump", "--env", "A=1", "--env", 'B=x "y" =z', "--env", "C=new\nline")
    assert sorted(body(done).splitlines()) == ["A=1", 'B=x "y" =z', "C=new", "line"]


def test_a_closed_stream_is_never_a_file_of_ours():
    def close_all():
        os.closerange(0, 3)

    def close_input():
        os.close(0)

    words = [BINARY, *COMMAND, guest("echo")]
    done = subprocess.run(words, stdout=subprocess.PIPE, preexec_fn=close_input, check=True,
                          timeout=DEADLINE)
    assert body(done) == ""
    assert subprocess.run(words, preexec_fn=close_all, check=False,
                          timeout=DEADLINE).returncode == 0


def test_a_reader_that_leaves_ends_the_program_like_any_other(tmp_path):
    # One that looks at its writes, and one that does not: both are ended at the first.
    for name in ("endless_output", "big_answer"):
        with subprocess.Popen([BINARY, *COMMAND, guest(name)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE,
                              env={**os.environ, "TMPDIR": str(tmp_path)}) as process:
            process.stdout.close()
            assert process.wait(DEADLINE) == 128 + signal.SIGPIPE, name
            assert process.stderr.read() == b""
    left = [entry for base in tmp_path.iterdir() for entry in base.iterdir()]
    assert left == [], "its scratch directory is gone, too"


def test_everything_arrives_through_a_slow_pipe():
    sent = os.urandom(3 << 20)
    done = command("echo", stdin=sent)
    assert done.stdout.partition(b"\n\n")[2] == sent


def test_time_is_bounded_only_on_request():
    done = command("spin", "--cpu-time", "50ms")
    assert (done.returncode, b"limit cpu_time" in done.stderr) == (124, True)
    done = command("spin", "--wall-time", "50ms")
    assert (done.returncode, b"limit wall_time" in done.stderr) == (124, True)


def test_a_trap_has_a_code_of_its_own():
    done = command("trap")
    assert done.returncode == 134
    assert b"crashed" in done.stderr


def test_standard_output_is_the_programs_alone():
    done = run_to_end("run", guest("args_dump"), "--mode", "command", "--output", "1MiB", "--", "a")
    assert done.stdout == b"Content-Type: text/plain\n\n0 [args_dump.wasm]\n1 [a]\n"
    assert done.stderr == b"warning: the limit output has no effect in mode command\n"
