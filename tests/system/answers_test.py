"""What a program prints, and what the client gets (RFC 3875, section 6)."""

import json
import shutil
import time
import urllib.parse

import pytest
from http_client import Connection, eventually, fetch
from process import cpu_seconds, guest


@pytest.fixture(name="say")
def start_say(brink):
    """say(text): the response when the program's whole output is `text`."""
    server = brink("answer", "--workers", 1)
    return lambda text: fetch(server.port, "/?text=" + urllib.parse.quote(text, safe=""))


def test_status_and_fields_are_passed_on(say):
    response = say("Status: 418 I'm a teapot\nContent-Type: text/x\nX-A: 1\nSet-Cookie: a\nSet-Cookie: b\n\nhi")
    assert (response.status, response.reason, response.text) == (418, "I'm a teapot", "hi")
    assert response["X-A"] == "1" and response.all("Set-Cookie") == ["a", "b"]


def test_crlf_lines_and_a_status_line_are_accepted(say):
    assert say("Content-Type: a/b\r\n\r\nx").text == "x"
    assert say("HTTP/1.1 404 Not Found\r\nContent-Type: a/b\r\n\r\nx").status == 404


def test_an_absolute_location_redirects_the_client(say):
    response = say("Location: http://example.com/there\n\n")
    assert (response.status, response["Location"]) == (302, "http://example.com/there")


def test_a_local_location_is_a_new_internal_request(say):
    response = say("Location: /?text=Content-Type%3A%20a%2Fb%0A%0Aarrived\n\n")
    assert (response.status, response.text) == (200, "arrived")


def test_a_loop_of_local_locations_is_cut(brink):
    server = brink("answer")
    assert fetch(server.port, "/?text=Location%3A%20%2F%0A%0A").status in (500, 502)


def test_hop_by_hop_fields_are_dropped(say):
    response = say("Content-Type: a/b\nConnection: upgrade\nTransfer-Encoding: gzip\n\nx")
    assert response.text == "x" and response["Transfer-Encoding"] != "gzip"


def test_answers_that_must_not_have_a_body_have_none(say):
    assert say("Status: 204 No Content\n\n").body == b""
    assert say("Status: 304 Not Modified\n\n").body == b""


@pytest.mark.parametrize("text", ["", "<p>no header</p>\n", "no colon here\n\nx", "Status: abc\n\nx",
                                  "Content-Type: a\x01b\n\nx"])
def test_an_answer_that_is_none_is_a_502(say, text):
    assert say(text).status == 502


def test_too_little_output_for_its_length_cuts_the_connection(brink):
    server = brink("answer")
    text = urllib.parse.quote("Content-Type: a/b\nContent-Length: 10\n\nshort", safe="")
    with Connection(server.port) as connection:
        connection.request(target="/?text=" + text)
        try:
            response = connection.response()
        except AssertionError as error:
            assert "early" in str(error)
        else:
            assert response.status == 502


def test_the_first_byte_leaves_when_it_is_flushed(brink):
    server = brink("slow_output")
    with Connection(server.port) as connection:
        connection.request(target="/?steps=3&ms=400")
        started = time.monotonic()
        assert connection.head().status == 200
        assert connection.chunk() == b"step 0\n"
        assert time.monotonic() - started < 0.4, "the first line was held back"
        assert connection.chunk() == b"step 1\n"


def test_a_program_may_answer_before_it_has_read_its_input(brink):
    server = brink("answer_first")
    with Connection(server.port) as connection:
        connection.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\nabc")
        # The length is known, so the program starts while the body is arriving.
        assert connection.head().status == 200
        assert connection.chunk() == b"answered first\n"
        connection.send("def")
        assert connection.chunk() == b"6 bytes read\n"


def test_a_closed_stdout_completes_the_answer(brink):
    server = brink("close_stdout")
    response = fetch(server.port, "/?turns=1")
    assert (response.status, response.text) == (200, "closed early\n")


PACKAGE = """
[[module]]
name = "json"
source = "json.wasm"
[[command]]
name = "json"
module = "json"
runner = "wcgi"
[command.annotations.wcgi]
dialect = "wcgi"
"""


def test_the_json_dialect_is_spoken_with_programs_that_ask_for_it(brink, tmp_path):
    (tmp_path / "wasmer.toml").write_text(PACKAGE)
    shutil.copy(guest("json_dialect"), tmp_path / "json.wasm")
    response = fetch(brink(tmp_path).port, "/a?b", fields=[("X-A", "1")])
    assert response.status == 201
    assert response["Content-Type"] == "application/json" and response.all("X-Many") == ["1", "2"]
    request = json.loads(response.text)
    assert (request["method"], request["uri"]) == ("GET", "/a?b")
    assert request["headers"]["x-a"] == "1"


def test_a_slow_client_slows_the_program(brink):
    server = brink("endless_output", "--workers", 1, "--output", "1GiB", "--wall-time", "1h", "--cpu-time", "1h")
    with Connection(server.port) as connection:
        connection.request()
        connection.head()
        used = -1.0

        def rests():
            nonlocal used
            before, used = used, sum(map(cpu_seconds, server.workers()))
            time.sleep(0.1)  # two looks at the CPU time need time between them
            return used == before

        eventually(rests)
        # It goes on where it was: all of the next 8 MiB is there.
        for _ in range(8):
            assert len(connection.exactly(1 << 20)) == 1 << 20
