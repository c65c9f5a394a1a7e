"""A program's memory: its own, whatever its file says."""

from http_client import Connection, fetch


def test_a_program_built_for_threads_that_has_none_is_served_by_the_workers(brink):
    server = brink("shared_hello", "--workers", 1)
    response = fetch(server.port)
    assert (response.status, response.text) == (200, "Hello, World!\n")
    with Connection(server.port) as connection:
        for _ in range(20):
            connection.request()
            assert connection.response().text == "Hello, World!\n"
