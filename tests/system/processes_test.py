"""What processes do to each other: compilers that die, workers that are killed
under load, a node that is busy or gone."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path

import pytest
from compile_bomb import bomb
from http_client import Connection, eventually, fetch
from process import BINARY, Brink, alive, children, guest, run_to_end

# Long enough for everything that a test does meanwhile.
ENDLESS = ("--limit", "compile_time=10m")


@pytest.fixture(scope="module")
def hard_module(tmp_path_factory):
    path = tmp_path_factory.mktemp("bomb") / "bomb.wasm"
    path.write_bytes(bomb())
    return path


@pytest.fixture(scope="module")
def endless_module(tmp_path_factory):
    """Takes far longer to compile than any test."""
    path = tmp_path_factory.mktemp("bomb") / "endless.wasm"
    path.write_bytes(bomb(values=45_000, rounds=9))
    return path


def compilers(pid):
    return [child for child, name in children(pid).items() if "compiler" in name]


def replace(program, by):
    shutil.copy(by, program.parent / "new")
    os.replace(program.parent / "new", program)


@pytest.mark.parametrize("limit, why", [
    ("compile_time=1s", b"processor time; make the module smaller, or raise limits.compile_time"),
    ("compile_memory=300MiB", b"memory do not suffice; make the module smaller, or raise limits.compile_memory"),
])
def test_a_compile_bomb_ends_in_an_error_message(hard_module, limit, why):
    done = run_to_end("run", hard_module, "--listen", "127.0.0.1:0", "--limit", limit)
    assert done.returncode == 2
    assert b"listening" not in done.stdout
    errors = [line for line in done.stderr.splitlines() if line.startswith(b"error:")]
    assert len(errors) == 1
    assert b"the compiler did not survive this module: " in errors[0] and why in errors[0]


def test_a_server_that_reloads_a_compile_bomb_serves_on(brink, hard_module, tmp_path):
    program = tmp_path / "program.wasm"
    shutil.copy(guest("hello"), program)
    server = brink(program, "--workers", 2, "--limit", "compile_time=1s")
    before = sorted(server.workers())
    replace(program, hard_module)
    server.signal(signal.SIGHUP)
    server.output.wait_for("error: not reloaded: .*the compiler did not survive this module")
    assert fetch(server.port).text == "Hello, World!\n"
    assert sorted(server.workers()) == before
    # And the next reload is taken up.
    replace(program, guest("args_dump"))
    server.signal(signal.SIGHUP)
    server.output.wait_for("^reloaded")
    assert fetch(server.port).text.startswith("0 [")


def test_while_the_node_compiles_it_replaces_workers_and_carries_logs(
        brink, endless_module, tmp_path):
    program = tmp_path / "program.wasm"
    shutil.copy(guest("hello"), program)
    server = brink(program, "--workers", 1, "--access-log", *ENDLESS)
    replace(program, endless_module)
    server.signal(signal.SIGHUP)
    eventually(lambda: compilers(server.process.pid))
    server.signal(signal.SIGHUP)  # remembered, no second compiler
    old = server.workers()[0]
    os.kill(old, signal.SIGKILL)
    eventually(lambda: server.workers() not in ([], [old]))
    answer = fetch(server.port, "/while")
    assert answer.text == "Hello, World!\n"
    server.output.wait_for("/while")
    assert len(compilers(server.process.pid)) == 1


def test_sigterm_ends_the_node_while_it_compiles(brink, endless_module, tmp_path):
    program = tmp_path / "program.wasm"
    shutil.copy(guest("hello"), program)
    server = brink(program, *ENDLESS)
    replace(program, endless_module)
    server.signal(signal.SIGHUP)
    eventually(lambda: compilers(server.process.pid))
    started = time.monotonic()
    server.stop()
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_a_signal_at_the_first_compilation_ends_node_and_compiler(endless_module, number):
    node = subprocess.Popen(
        [BINARY, "run", str(endless_module), "--listen", "127.0.0.1:0", *ENDLESS],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        below = eventually(lambda: compilers(node.pid))
        # Not before it compiles: it has its rights no more, and so by its own means.
        eventually(lambda: int(Path(f"/proc/{below[0]}/stat").read_text().rpartition(")")[2].split()[11]) > 20)
        node.send_signal(number)
        node.wait(5)
        eventually(lambda: not any(alive(pid) for pid in below), 5)
    finally:
        node.kill()
        node.wait()


def test_killing_one_of_two_workers_under_load_touches_no_other_connection(brink):
    server = brink("hello", "--workers", 2, "--access-log")
    killed, survivor = eventually(lambda: len(server.workers()) == 2 and server.workers())
    connections = [Connection(server.port) for _ in range(32)]
    with contextlib.ExitStack() as stack:
        for connection in connections:
            stack.enter_context(connection)
            connection.request()
            assert connection.response().status == 200
        mine = [c for c in connections if owner(c, (killed, survivor)) == survivor]
        assert 0 < len(mine) < len(connections)
        stop, failures, served = threading.Event(), [], []

        def load(connection):
            try:
                while not stop.is_set():
                    connection.request()
                    assert connection.response().text == "Hello, World!\n"
                    served.append(1)
            except Exception as error:  # whatever it is, it is a connection that noticed
                failures.append(error)

        threads = [threading.Thread(target=load, args=(c,)) for c in mine[:4]]
        for thread in threads:
            thread.start()
        eventually(lambda: len(served) > 50)
        os.kill(killed, signal.SIGKILL)
        eventually(lambda: len(server.workers()) == 2 and killed not in server.workers())
        after = len(served)
        eventually(lambda: len(served) > after + 50)
        stop.set()
        for thread in threads:
            thread.join()
        assert failures == []
        assert survivor in server.workers()
        # Those that nobody used meanwhile are whole as well.
        for connection in mine[4:]:
            connection.request()
            assert connection.response().status == 200


def owner(connection, pids):
    """Which of the processes holds the other end of a loopback connection."""
    host, port = connection.socket.getpeername()
    inode = None
    local = f"0100007F:{port:04X}"
    remote = f"0100007F:{connection.socket.getsockname()[1]:04X}"
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        words = line.split()
        if words[1] == local and words[2] == remote:
            inode = words[9]
    for pid in pids:
        for entry in Path(f"/proc/{pid}/fd").iterdir():
            with contextlib.suppress(OSError):
                if os.readlink(entry) == f"socket:[{inode}]":
                    return pid
    return None


def test_a_worker_that_keeps_dying_is_replaced_again_and_again(brink):
    server = brink("hello", "--workers", 1)
    for _ in range(3):
        worker = eventually(lambda: server.workers())[0]
        os.kill(worker, signal.SIGKILL)
        eventually(lambda worker=worker: worker not in server.workers() and server.workers())
        assert fetch(server.port).status == 200


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's workers change their user")
def test_a_worker_loads_native_code_as_the_user_that_serves(brink, cache):
    server = brink("hello", "--workers", 1)
    artefacts = list((cache / "artefacts").glob("*.cwasm"))
    seen = len(server.output.lines)
    for artefact in artefacts:
        artefact.chmod(0o600)  # root could still open it
    try:
        os.kill(server.workers()[0], signal.SIGKILL)
        server.output.wait_for("worker_failed.*compiled program cannot be loaded", after=seen)
    finally:
        for artefact in artefacts:
            artefact.chmod(0o644)
    eventually(lambda: server.workers())
    assert fetch(server.port).status == 200


def helpers(server):
    return [pid for pid, name in children(server.process.pid).items() if "--helper=disk" in name]


def test_each_worker_has_a_locked_disk_helper_that_ends_with_it(brink):
    server = brink("hello", "--workers", 2)
    first = helpers(server)
    assert len(first) == 2
    for helper in first:
        status = dict(line.split(":\t", 1) for line in
                      Path(f"/proc/{helper}/status").read_text().splitlines())
        assert (status["Seccomp"], status["NoNewPrivs"], int(status["CapEff"], 16)) == ("2", "1", 0)
        assert status["Name"] == "brink-disk"
    for worker in server.workers():
        os.kill(worker, signal.SIGKILL)
    eventually(lambda: not any(alive(helper) for helper in first))
    eventually(lambda: len(helpers(server)) == 2)


def test_a_worker_whose_disk_helper_has_died_serves_on(brink, tmp_path):
    tmp_path.chmod(0o777)
    server = brink("file_tool", "--workers", 1, "--mount", f"{tmp_path}:/data:rw")
    target = "/?op=write&sync=1&path=/data/file&text="
    assert fetch(server.port, target=target + "one").text == "done\n"
    assert (tmp_path / "file").read_text() == "one"
    os.kill(helpers(server)[0], signal.SIGKILL)
    server.output.wait_for("disk_helper_ended")
    assert fetch(server.port, target=target + "two").text == "done\n"
    assert (tmp_path / "file").read_text() == "two"


def test_orphaned_workers_end_within_five_seconds_with_requests_in_flight():
    server = Brink(guest("spin"), "--workers", 2, "--wall-time", "1h", "--cpu-time", "1h")
    below = children(server.process.pid)
    connections = [Connection(server.port) for _ in range(4)]
    for connection in connections:
        connection.request()
    server.process.kill()
    server.process.wait()
    started = time.monotonic()
    eventually(lambda: not any(alive(pid) for pid in below))
    assert time.monotonic() - started < 8
    for connection in connections:
        connection.close()


def test_an_orphaned_worker_finishes_what_is_short():
    server = Brink(guest("slow_output"), "--workers", 1)
    with Connection(server.port) as connection:
        connection.request(target="/?steps=3&ms=200")
        connection.head()
        server.process.kill()
        server.process.wait()
        text = b""
        while data := connection.chunk():
            text += data
        assert text == b"step 0\nstep 1\nstep 2\n"
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", server.port), 1).close()
