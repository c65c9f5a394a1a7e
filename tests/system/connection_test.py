"""What RFC 9112 and 9110 ask of a connection, beyond one message: these are the
rows of docs/conformance.md that the codec alone cannot meet."""

import pytest
from http_client import Connection, eventually


@pytest.fixture(name="server")
def start_echo(brink):
    return brink("echo", "--workers", 1)


@pytest.mark.parametrize("request_head, status", [
    ("CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n", 501),
    ("GET https://a/ HTTP/1.1\r\nHost: a\r\n\r\n", 421),
    ("GET / HTTP/1.1\r\nHost: a\r\nExpect: 200-ok\r\n\r\n", 417),
])
def test_what_no_program_is_asked_about_is_refused(server, request_head, status):
    with Connection(server.port) as connection:
        connection.send(request_head)
        response = connection.response()
        assert response.status == status and response["Connection"] == "close"
        assert connection.ended()


@pytest.mark.parametrize("cut_short", [
    "GET / HTTP/1.1\r\nHost: a\r\nX: ",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfour",
])
def test_a_request_cut_short_is_not_served(server, cut_short):
    with Connection(server.port) as connection:
        connection.send(cut_short)
        connection.half_close()
        assert connection.response().status == 400
        assert connection.ended()


def test_a_body_cut_short_under_an_answer_that_has_begun_ends_the_connection(server):
    # The program reads an error instead of the rest; what it makes of it is its own
    # matter, but no further request is looked for behind half a body.
    with Connection(server.port) as connection:
        connection.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nfour")
        connection.half_close()
        connection.head()
        assert b"four" in connection.rest()


def test_an_idle_connection_that_the_client_closes_ends_without_an_answer(server):
    with Connection(server.port) as connection:
        connection.request()
        assert connection.response().status == 200
        connection.half_close()
        assert connection.ended()


def test_no_interim_answer_goes_to_http_1_0(server):
    with Connection(server.port) as connection:
        connection.send("POST / HTTP/1.0\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\nok")
        assert connection.line() == "HTTP/1.1 200 OK"


def test_no_100_continue_when_the_body_is_there_already(server):
    with Connection(server.port) as connection:
        connection.request("POST", fields=[("Expect", "100-continue")], body=b"ok")
        assert connection.line() == "HTTP/1.1 200 OK"


def test_an_upgrade_is_ignored(server):
    with Connection(server.port) as connection:
        connection.request(fields=[("Connection", "upgrade"), ("Upgrade", "websocket")])
        assert connection.response().status == 200


def test_head_is_followed_by_the_next_answer_of_a_pipeline(server):
    with Connection(server.port) as connection:
        connection.request("HEAD")
        connection.request()
        assert connection.response("HEAD").status == 200
        assert connection.response().status == 200


def test_an_http_1_0_client_may_keep_the_connection(brink):
    with Connection(brink("hello").port) as connection:
        for _ in range(2):
            connection.request(version="HTTP/1.0", fields=[("Connection", "keep-alive")])
            response = connection.response()
            assert response.text == "Hello, World!\n"
            assert response["Connection"] == "keep-alive" and response["Content-Length"] == "14"


def test_hop_by_hop_fields_do_not_reach_the_program(brink):
    server = brink("env_dump")
    with Connection(server.port) as connection:
        connection.request(fields=[("Connection", "X-Mine"), ("X-Mine", "1"), ("Keep-Alive", "5"),
                                   ("TE", "trailers"), ("X-Other", "1")])
        text = connection.response().text
        assert "HTTP_X_OTHER=1\n" in text
        for name in ("HTTP_X_MINE", "HTTP_KEEP_ALIVE", "HTTP_TE", "HTTP_CONNECTION"):
            assert name + "=" not in text


def test_an_answer_is_not_lost_to_bytes_that_nobody_reads(brink):
    # Closing with unread input would make the kernel send a reset, which can
    # destroy the answer before the client has read it.
    server = brink("hello", "--workers", 1, "--limit", "body=1KiB")
    with Connection(server.port) as connection:
        connection.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n" + "x" * 100_000)
        assert connection.response().status == 413
        assert connection.ended()
    eventually(lambda: server.process.poll() is None)
