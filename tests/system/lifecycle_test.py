"""Starting, stopping, reloading, and losing a worker."""

import contextlib
import os
import shutil
import signal
import time

import pytest
from http_client import Connection, eventually, fetch
from process import Brink, children, guest, run_to_end


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_finishes_the_requests_in_flight(brink, number):
    server = brink("slow_output", "--workers", 2)
    with Connection(server.port) as connection:
        connection.request(target="/?steps=4&ms=200")
        connection.head()
        server.signal(number)
        text = b""
        while data := connection.chunk():
            text += data
        assert text == b"step 0\nstep 1\nstep 2\nstep 3\n"
    assert server.wait() == 0


def test_the_wait_for_requests_in_flight_is_bounded(brink):
    server = brink("spin", "--wall-time", "1h", "--cpu-time", "1h", "--limit", "grace=1s")
    with Connection(server.port) as connection:
        connection.request()
        eventually(lambda: server.workers())
        server.signal(signal.SIGTERM)
        assert server.wait() == 0


def test_sighup_reads_the_program_again_without_dropping_a_connection(brink, tmp_path):
    program = tmp_path / "program.wasm"
    shutil.copy(guest("hello"), program)
    server = brink(program)
    with Connection(server.port) as kept:
        kept.request()
        assert kept.response().text == "Hello, World!\n"
        shutil.copy(guest("args_dump"), tmp_path / "new")
        os.replace(tmp_path / "new", program)
        server.signal(signal.SIGHUP)
        eventually(lambda: fetch(server.port).text.startswith("0 ["))
        kept.request(fields=[("Connection", "close")])
        assert kept.response().status == 200


def test_sighup_with_a_broken_program_leaves_the_old_one_serving(brink, tmp_path):
    program = tmp_path / "program.wasm"
    shutil.copy(guest("hello"), program)
    server = brink(program)
    program.write_bytes(b"not wasm")
    seen = len(server.output.lines)
    server.signal(signal.SIGHUP)
    server.output.wait_for(r"program\.wasm", after=seen)
    assert fetch(server.port).text == "Hello, World!\n"


def test_a_killed_worker_is_replaced_and_its_queue_is_served(brink):
    server = brink("hello", "--workers", 2)
    before = eventually(lambda: len(server.workers()) == 2 and server.workers())
    os.kill(before[0], signal.SIGSTOP)
    # Some of these are queued in the stopped worker's socket.
    waiting = [Connection(server.port) for _ in range(16)]
    for connection in waiting:
        connection.request()
    os.kill(before[0], signal.SIGKILL)
    lost = 0
    for connection in waiting:
        try:
            assert connection.response().status == 200
        except (AssertionError, ConnectionResetError):
            lost += 1
        connection.close()
    assert lost == 0
    after = eventually(lambda: len(server.workers()) == 2 and server.workers())
    assert before[1] in after and before[0] not in after


def test_nothing_outlives_a_node_that_was_killed():
    server = Brink(guest("hello"), "--workers", 2)
    below = children(server.process.pid)
    server.process.kill()
    server.process.wait()
    eventually(lambda: not any(os.path.exists(f"/proc/{pid}") for pid in below))


def test_the_second_start_finds_the_compiled_program(brink, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("BRINK_CACHE", str(tmp_path))
    took = []
    for _ in range(2):
        started = time.monotonic()
        server = brink("file_tool", "--workers", 1)
        took.append(time.monotonic() - started)
        server.stop()
    assert any(tmp_path.rglob("*")), "nothing was kept"
    assert took[1] < 1, took


def test_command_mode_runs_the_program_once_with_its_exit_code():
    done = run_to_end("run", "--mode", "command", guest("exit_code"))
    assert done.returncode == 3
    assert b"leaving early" in done.stderr


def test_command_mode_passes_stdin_stdout_and_arguments():
    done = run_to_end("run", "--mode", "command", guest("echo"), stdin=b"line\n" * 1000)
    assert done.stdout.endswith(b"\n\n" + b"line\n" * 1000)
    done = run_to_end("run", "--mode", "command", guest("args_dump"), "--", "a", "b c")
    assert b"1 [a]\n2 [b c]\n" in done.stdout


def test_sighups_faster_than_requests_end_leave_one_version_that_serves(brink):
    server = brink("slow_output", "--workers", 1, "--admin", "127.0.0.1:0")
    admin = int(server.output.wait_for(r"metrics on http://127\.0\.0\.1:(\d+)")[1])
    with contextlib.ExitStack() as stack:
        flying = []
        for _ in range(5):
            client = stack.enter_context(Connection(server.port))
            client.request(target="/?steps=1&ms=3000")
            client.head()
            flying.append(client)
            seen = len(server.output.lines)
            server.signal(signal.SIGHUP)
            server.output.wait_for("reloaded", after=seen)
            eventually(lambda: fetch(server.port, "/?steps=0").status == 200)
        server.output.wait_for("error: not reloaded: workers of earlier versions")
    eventually(lambda: len(server.workers()) == 1)
    assert fetch(admin, "/healthz").status == 200


def test_a_request_that_outlives_the_grace_is_told_so(brink):
    server = brink("spin", "--limit", "grace=300ms", "--workers", 1)
    with Connection(server.port) as connection:
        connection.request()
        server.signal(signal.SIGTERM)
        response = connection.response()
        assert response.status == 503 and response["Connection"] == "close"
