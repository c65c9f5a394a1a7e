"""A program is served: fresh each time, on every worker, kept-alive or not."""

import concurrent.futures
import contextlib
import email.utils
import json
import time

from http_client import Connection, fetch


def test_prints_the_mode_and_why_before_the_address(brink):
    server = brink("hello")
    server.output.wait_for(r"^mode: wcgi \(.+\)")


def test_serves_hello(brink):
    server = brink("hello")
    response = fetch(server.port)
    assert (response.status, response.text) == (200, "Hello, World!\n")
    assert response["Content-Type"] == "text/plain"
    date = email.utils.parsedate_to_datetime(response["Date"]).timestamp()
    assert abs(date - time.time()) < 5
    assert response["X-Request-Id"]


def test_keeps_the_connection_and_answers_a_pipeline_in_order(brink):
    server = brink("env_dump", "--workers", 1)
    with Connection(server.port) as connection:
        for number in range(20):
            connection.request(target=f"/?n={number}")
        for number in range(20):
            assert f"QUERY_STRING=n={number}\n" in connection.response().text


def test_every_request_gets_a_brand_new_instance(brink):
    server = brink("remember", "--workers", 1)
    with Connection(server.port) as connection:
        for _ in range(50):
            connection.request()
            assert connection.response().text == "1 1 1\n"


def test_head_has_the_fields_of_get_and_no_body(brink):
    server = brink("hello")
    with Connection(server.port) as connection:
        connection.request("HEAD")
        assert connection.response("HEAD")["Content-Type"] == "text/plain"
        connection.request()
        assert connection.response().text == "Hello, World!\n"


def test_serves_many_clients_at_once_on_two_workers(brink):
    server = brink("slow_output", "--workers", 2)
    started = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(32) as pool:
        answers = list(pool.map(lambda _: fetch(server.port, "/?steps=2&ms=250"), range(32)))
    assert all(a.text == "step 0\nstep 1\n" for a in answers)
    # One after the other they would take 16 s.
    assert time.monotonic() - started < 8


def test_request_ids_are_unique_and_reach_the_log_of_the_program(brink):
    server = brink("exit_code")
    ids = [fetch(server.port, "/?answer=1&code=0")["X-Request-Id"] for _ in range(10)]
    assert len(set(ids)) == 10
    for request_id in ids:
        server.output.wait_for(rf"(?=.*leaving early)(?=.*{request_id})")


def test_the_access_log_has_one_line_per_request(brink):
    server = brink("hello", "--access-log")
    response = fetch(server.port, "/some/path?q")
    line = server.output.wait_for(rf".*{response['X-Request-Id']}.*")[0]
    for part in ("GET", "/some/path", "200"):
        assert part in line
    assert len([x for x in server.output.lines if response["X-Request-Id"] in x]) == 1


def test_workers_take_turns_when_all_have_a_queue(brink):
    server = brink("slow_output", "--workers", 2, "--limit", "instances=2", "--access-log")
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(Connection(server.port)) for _ in range(40)]
        for client in clients:
            client.request(target="/?steps=1&ms=20")
        assert all(client.response().status == 200 for client in clients)
    server.stop()
    lines = [json.loads(line) for line in server.output.lines if '"stream":"access"' in line]
    order = [line["worker"] for line in sorted(lines, key=lambda line: line["time"])]
    # Not the whole queue of one worker before the other's; the first two found no queue.
    assert set(order[2:14]) == {0, 1}
