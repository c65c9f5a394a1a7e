"""Programs with sockets: servers and clients of their own, and what they may reach."""

import contextlib
import re
import shutil
import socket
import subprocess
import threading

import pytest
from http_client import fetch
from process import BINARY, DEADLINE, guest, run_to_end

COMMAND = ("run", "--quiet", "--mode", "command")
ACCES = 2


def sockets(what, *arguments, egress=("--egress", "all")):
    return run_to_end(*COMMAND, *egress, guest("sockets"), "--", what, *arguments)


@contextlib.contextmanager
def started(what, program=None):
    """A server that has said its port, which must end well by itself."""
    program = program or guest("sockets")
    process = subprocess.Popen([BINARY, *COMMAND, "--egress", "all", program, "--", what],
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE)
    try:
        line = process.stdout.readline()
        port = re.fullmatch(rb"port (\d+)\n", line)
        assert port, line + process.stderr.read()
        yield int(port[1])
        out, err = process.communicate(timeout=DEADLINE)
        assert process.returncode == 0, out + err
    finally:
        process.kill()
        process.wait()


@contextlib.contextmanager
def answering(answer=b"answer", question=8):
    """A server of the host on loopback: takes one connection, reads `question` bytes
    (None: all of them) and answers. Yields its port and what it has read."""
    got = bytearray()

    def serve():
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        with connection:
            while question is None or len(got) < question:
                bytes_ = connection.recv(1 << 16)
                if not bytes_:
                    break
                got.extend(bytes_)
            connection.sendall(answer)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(DEADLINE)
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1], got
        listener.shutdown(socket.SHUT_RDWR)
    thread.join(DEADLINE)
    assert not thread.is_alive()


@pytest.mark.parametrize("what", ["echo", "echo-poll", "echo-epoll"])
def test_a_program_serves_a_port(what):
    # More than the buffers of both sockets hold.
    sent = bytes(range(256)) * 4096
    with started(what) as port, socket.create_connection(("127.0.0.1", port), DEADLINE) as client:
        def send():
            client.sendall(sent)
            client.shutdown(socket.SHUT_WR)

        thread = threading.Thread(target=send)
        thread.start()
        got = bytearray()
        while bytes_ := client.recv(1 << 16):
            got.extend(bytes_)
        thread.join()
        assert got == sent


def test_an_app_may_have_its_ports_in_wasmers_order(tmp_path):
    shutil.copy(guest("sockets"), tmp_path / "sockets.wasm")
    (tmp_path / "app.yaml").write_text("kind: wasmer.io/App.v0\npackage: ./sockets.wasm\n"
                                       "wasix: {port_order: big-endian}\n")
    with started("echo", tmp_path) as said:
        port = int.from_bytes(said.to_bytes(2, "little"), "big")
        with socket.create_connection(("127.0.0.1", port), DEADLINE) as client:
            client.sendall(b"ping")
            client.shutdown(socket.SHUT_WR)
            assert client.recv(16) == b"ping"


@pytest.mark.parametrize("what, said", [("client", b""), ("client-nonblocking", b"status 1\n")])
def test_a_program_connects(what, said):
    with answering() as (port, got):
        done = sockets(what, port)
        assert (done.returncode, done.stdout) == (0, said + b"answer\n"), done
        assert got == b"question"


def test_what_listens_nowhere_refuses():
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        done = sockets("client", nobody.getsockname()[1])
        assert done.stdout == b"connect 14\n", done


def test_loopback_is_refused_unless_a_rule_allows_it():
    with answering() as (port, got):
        done = sockets("client", port, egress=())
        assert done.stdout == b"connect %d\n" % ACCES, done
        done = sockets("client", port, egress=("--egress", f"127.0.0.1:{port + 1}"))
        assert done.stdout == b"connect %d\n" % ACCES, done
        assert not got
        done = sockets("client", port, egress=("--egress", f"127.0.0.1:{port}"))
        assert done.stdout == b"answer\n", done


def test_a_programs_own_listeners_are_always_reached():
    done = sockets("own", egress=())
    assert done.returncode == 0, done
    assert done.stdout.splitlines()[1:] == [b"to myself"]


def test_datagrams():
    with socket.socket(type=socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        receiver.settimeout(DEADLINE)
        port = receiver.getsockname()[1]
        done = sockets("datagrams", port)
        assert (done.returncode, done.stdout) == (0, b"own from itself\n"), done
        assert receiver.recv(64) == b"question"
        done = sockets("datagrams", port, egress=())
        assert done.stdout == b"own from itself\nsend %d\n" % ACCES, done


def test_unix_sockets_have_names_among_the_files():
    done = sockets("unix", egress=())
    assert (done.returncode, done.stdout) == (0, b"by name\ntaken 3\ngone 44\n"), done


def test_socket_pairs():
    done = sockets("pair", egress=())
    assert (done.returncode, done.stdout) == (0, b"pair\npair\n"), done


def test_a_file_is_sent():
    size = 48 << 16
    with answering(b"", question=None) as (port, got):
        done = sockets("send-file", port)
        assert (done.returncode, done.stdout) == (0, b"sent %d\n" % size), done
    assert got == bytes(size)


def test_localhost_has_addresses():
    done = sockets("resolve")
    assert done.returncode == 0, done
    assert set(done.stdout.splitlines()) <= {b"first byte 127", b"last byte 1"}
    assert b"first byte 127" in done.stdout


def test_a_guest_of_a_worker_connects_where_a_rule_allows_it(brink):
    with answering(b"from elsewhere") as (port, _):
        server = brink("outbound", "--egress", "all", arguments=[str(port)])
        assert fetch(server.port).text == "from elsewhere"


def test_and_nowhere_else(brink):
    with answering() as (port, got):
        server = brink("outbound", arguments=[str(port)])
        assert fetch(server.port).text == f"connect: {ACCES}"
        assert not got
