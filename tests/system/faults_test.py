"""Programs that fail or do too much: each outcome has its status, and the next
request is served."""

import concurrent.futures
import contextlib
import re
import urllib.parse
from pathlib import Path

import pytest
from http_client import Connection, fetch
from process import cpu_seconds

LIMITS = ("--wall-time", "1s", "--cpu-time", "500ms", "--workers", 1)




@pytest.mark.parametrize("name, target, status", [
    ("trap", "/", 502),
    ("exit_code", "/", 502),
    ("recurse", "/", 502),
    ("silent", "/", 502),
    ("no_header", "/", 502),
    ("header_bomb", "/", 502),
    ("spin", "/", 504),
])
def test_a_program_that_fails_before_its_head_is_told_apart(brink, name, target, status):
    server = brink(name, *LIMITS)
    for _ in range(3):
        response = fetch(server.port, target)
        assert response.status == status
        assert response.body, "the page must name the reason"


def test_a_trap_is_named_in_the_log_and_with_debug_on_the_page(brink):
    server = brink("trap", "--debug")
    response = fetch(server.port)
    assert "unreachable" in response.text
    server.output.wait_for("unreachable")


def test_a_trap_is_not_shown_to_clients_without_debug(brink):
    assert "unreachable" not in fetch(brink("trap").port).text


def test_a_fault_after_the_head_cuts_the_connection(brink):
    server = brink("trap", "--workers", 1)
    with Connection(server.port) as connection:
        connection.request(target="/?after=head")
        with pytest.raises(AssertionError, match="early|ended"):
            connection.response()
    assert fetch(server.port).status == 502


def test_a_late_exit_code_does_not_spoil_a_complete_answer(brink):
    response = fetch(brink("exit_code").port, "/?answer=1")
    assert (response.status, response.text) == (200, "answered\n")


def test_endless_output_ends_at_the_limit(brink):
    server = brink("endless_output", "--output", "1MiB", "--workers", 1)
    with Connection(server.port) as connection:
        connection.request()
        connection.head()
        assert len(connection.rest()) < 2 << 20


def test_memory_ends_at_the_limit_and_the_program_may_survive_it(brink):
    server = brink("memory_hog", "--memory", "32MiB", "--workers", 1)
    assert 16 < int(fetch(server.port).text.split()[0]) < 32
    assert fetch(server.port, "/?mib=1").text == "1 MiB\n"


def test_open_files_end_at_the_limit(brink):
    server = brink("open_files", "--limit", "open_files=64", "--workers", 1)
    opened = int(fetch(server.port).text.split()[0])
    assert 32 < opened < 64
    assert fetch(server.port, "/?count=3").text == "3 open; all\n"


def test_a_full_scratch_layer_is_an_error_for_the_program_alone(brink):
    server = brink("file_tool", "--limit", "scratch=4MiB", "--workers", 1)
    assert "error" in fetch(server.port, "/?op=fill&path=/tmp/big&mib=64").text
    assert fetch(server.port, "/?op=fill&path=/tmp/big&mib=1").text == "done\n"


@pytest.mark.parametrize("path", ["../../../etc/passwd", "/../etc/passwd", "/data/../../etc/passwd",
                                  "/data/absolute", "/data/up", "/data/loop", "/etc/passwd"])
def test_no_path_escapes(brink, tmp_path, path):
    (tmp_path / "absolute").symlink_to("/etc/passwd")
    (tmp_path / "up").symlink_to("../../../../../../etc/passwd")
    (tmp_path / "loop").symlink_to("loop")
    server = brink("file_tool", "--mount", f"{tmp_path}:/data:ro")
    response = fetch(server.port, "/?op=read&path=" + urllib.parse.quote(path))
    assert response.status == 409 and "root:" not in response.text


def test_mounts_are_what_their_option_says(brink, tmp_path):
    (tmp_path / "a").write_text("from the host")
    server = brink("file_tool", "--mount", f"{tmp_path}:/ro:ro", "--mount", f"{tmp_path}:/rw:rw")
    assert fetch(server.port, "/?op=read&path=/ro/a").text == "from the host"
    assert fetch(server.port, "/?op=write&path=/ro/b&text=x").status == 409
    assert fetch(server.port, "/?op=write&path=/rw/b&text=x").status == 200
    assert (tmp_path / "b").read_text() == "x"


def test_spinning_neighbours_do_not_stop_a_request(brink):
    server = brink("neighbour", "--workers", 1, "--wall-time", "4s", "--cpu-time", "3s")
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        spinning = [pool.submit(fetch, server.port, "/?do=spin") for _ in range(3)]
        burst = fetch(server.port, "/?do=burst")
        assert burst.status == 200 and len(burst.body) == 64 << 20
        assert {s.result().status for s in spinning} == {504}


def test_a_full_queue_is_a_503_with_retry_after(brink):
    server = brink("slow_output", "--limit", "instances=1", "--limit", "queue=0", "--workers", 1)
    with Connection(server.port) as busy:
        busy.request(target="/?steps=3&ms=300")
        busy.head()
        refused = fetch(server.port)
        assert refused.status == 503 and refused["Retry-After"]


def test_memory_in_sum_is_bounded_and_small_requests_are_served_meanwhile(brink):
    server = brink("memory_hog", "--memory", "128MiB", "--limit", "memory_sum=1GiB")
    before = server.workers()
    with concurrent.futures.ThreadPoolExecutor(68) as pool:
        large = [pool.submit(fetch, server.port, "/?mib=100") for _ in range(64)]
        small = [pool.submit(fetch, server.port, "/?mib=1") for _ in range(4)]
        assert {s.result().status for s in small} <= {200, 503}
        statuses = [request.result().status for request in large]
    assert set(statuses) <= {200, 503} and 200 in statuses
    assert server.workers() == before, "a worker was lost"
    assert fetch(server.port, "/?mib=1").text == "1 MiB\n"


def stack_kib(pid):
    return int(re.search(r"VmStk:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[1])


def test_a_long_queue_of_short_requests_drains_without_piling_up(brink):
    # Each one's end lets the next one in: neither on top of the other's stack, nor
    # with the sockets unattended.
    server = brink("answer_first", "--limit", "instances=1", "--workers", 1)
    worker = server.workers()[0]
    before = stack_kib(worker)
    with contextlib.ExitStack() as stack:
        busy = stack.enter_context(Connection(server.port))
        busy.request("POST", fields=[("Content-Length", "1")])
        busy.head()
        queued = [stack.enter_context(Connection(server.port)) for _ in range(800)]
        for connection in queued:
            connection.request(target="/?read=0")
        busy.send("x")
        assert all(connection.response().status == 200 for connection in queued)
    assert server.workers() == [worker]
    assert stack_kib(worker) - before < 100, "each waiting request has a part of the stack"


def test_waiting_for_memory_does_not_use_the_processor(brink):
    # Beside what one of them may grow to there is room for 36 small instances: the
    # rest of 60 requests waits for memory.
    server = brink("slow_output", "--limit", "memory_sum=160MiB", "--limit", "memory=16MiB",
                   "--workers", 1)
    worker = server.workers()[0]
    with contextlib.ExitStack() as stack:
        waiting = [stack.enter_context(Connection(server.port)) for _ in range(60)]
        for connection in waiting:
            connection.request(target="/?steps=1&ms=2000")
        waiting[0].fill()
        before = cpu_seconds(worker)
        assert all(connection.response().status == 200 for connection in waiting)
        assert cpu_seconds(worker) - before < 1
