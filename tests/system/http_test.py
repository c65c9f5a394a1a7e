"""The HTTP/1.1 surface of the real server; the codec's own tests go further."""

import pytest
from http_client import Connection, eventually, fetch

REFUSED = {
    "two lengths": (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
    "length and chunked": (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n"
                           b"Transfer-Encoding: chunked\r\n\r\n", 400),
    "other coding": (b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", 501),
    "no host": (b"GET / HTTP/1.1\r\n\r\n", 400),
    "two hosts": (b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
    "space before colon": (b"GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400),
    "folded field": (b"GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n 2\r\n\r\n", 400),
    "bad version": (b"GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505),
    "target byte": (b"GET /\xff HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    "huge field": (b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 200_000 + b"\r\n\r\n", 431),
}


@pytest.fixture(name="echo")
def start_echo(brink):
    return brink("echo", "--workers", 1)


def test_malformed_requests_are_refused_and_the_connection_closed(brink):
    server = brink("hello", "--workers", 1)
    for name, (request, status) in REFUSED.items():
        with Connection(server.port) as connection:
            try:
                connection.send(request)
            except (ConnectionResetError, BrokenPipeError):
                pass  # refused before it was sent whole; the answer is still there
            response = connection.response()
            assert response.status == status, name
            assert response.body, f"{name}: the body must name the reason"
            assert connection.ended(), name
    assert fetch(server.port).status == 200


def test_a_chunked_body_arrives_and_its_length_is_known(echo):
    with Connection(echo.port) as connection:
        connection.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                        "5;x=y\r\nhello\r\n1\r\n!\r\n0\r\nX-Trailer: t\r\n\r\n")
        response = connection.response()
        assert response.body == b"hello!" and response["X-Length"] == "6"


def test_expect_continue_is_answered_before_the_body(echo):
    with Connection(echo.port) as connection:
        connection.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
        assert connection.line() == "HTTP/1.1 100 Continue"
        assert connection.line() == ""
        connection.send("ok")
        assert connection.response().body == b"ok"


def test_large_bodies_pass_both_ways(echo):
    body = bytes(range(256)) * 4096 * 4  # 4 MiB
    assert fetch(echo.port, method="POST", body=body).body == body


def test_a_body_that_the_program_ignores_is_not_read_as_the_next_request(brink):
    server = brink("hello", "--workers", 1)
    with Connection(server.port) as connection:
        connection.request("POST", body=b"GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n")
        response = connection.response()
        assert response.status == 200
        if response["Connection"] != "close":
            connection.request()
            assert connection.response().text == "Hello, World!\n"


def test_http_1_0_is_answered_and_closed(echo):
    with Connection(echo.port) as connection:
        connection.send("GET / HTTP/1.0\r\n\r\n")
        response = connection.response()
        assert response.status == 200 and not response["Transfer-Encoding"]


def test_connection_close_is_honoured(brink):
    with Connection(brink("hello").port) as connection:
        connection.request(fields=[("Connection", "close")])
        response = connection.response()
        assert response["Connection"] == "close" and connection.ended()


def test_a_client_that_only_half_closed_still_gets_its_answer(echo):
    with Connection(echo.port) as connection:
        connection.request("POST", body=b"data")
        connection.half_close()
        assert connection.response().body == b"data"


def test_a_client_that_resets_ends_the_program(brink):
    server = brink("endless_output", "--workers", 1, "--access-log", "--output", "1GiB")
    connection = Connection(server.port)
    connection.request(target="/gone")
    connection.head()
    connection.reset()
    server.output.wait_for("/gone")
    eventually(lambda: fetch(server.port, method="HEAD").status == 200)


def test_a_client_that_half_closes_late_still_gets_the_whole_answer(brink):
    # The server has sent everything to the kernel and waits for the client's end.
    server = brink("big_answer", "--workers", 1, "--access-log")
    with Connection(server.port) as connection:
        connection.request(target="/?kib=1024", fields=[("Connection", "close")])
        server.output.wait_for('"stream":"access"')
        # One thread: what it answers now, it answers after what came before.
        fetch(server.port, method="HEAD")
        connection.half_close()
        fetch(server.port, method="HEAD")
        assert len(connection.response().body) == 1 << 20


def test_a_local_redirect_is_one_answer_whatever_the_program_prints_behind_it(brink):
    with Connection(brink("redirect", "--workers", 1).port) as connection:
        for kib in (0, 1, 31, 200):
            connection.request(target=f"/?kib={kib}&to=/end")
            response = connection.response()
            assert response.status == 200 and response.text.startswith("end of the way"), kib


def test_redirects_keep_the_clients_fields_while_its_body_comes(brink):
    server = brink("redirect", "--workers", 1)
    with Connection(server.port) as connection:
        # The body makes the buffer move between the first redirect and the second.
        body = b"b" * 300_000
        connection.request("POST", "/?to=/%3fms=500%26to=/end", [
            ("X-Note", "the note of the client"), ("Content-Length", str(len(body)))])
        server.output.wait_for("on the way")
        connection.send(body[:60_000])
        assert connection.response().text == "end of the way, the note of the client\n"
