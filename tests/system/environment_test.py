"""What a program is told about its request (RFC 3875, section 4.1)."""

from http_client import fetch


def variables(server, *args, **keywords):
    response = fetch(server.port, *args, **keywords)
    assert response.status == 200, response
    pairs = [line.split("=", 1) for line in response.text.splitlines()]
    names = [name for name, _ in pairs]
    assert len(names) == len(set(names)), f"a name occurs twice: {names}"
    return dict(pairs)


def test_has_all_variables_of_a_plain_request(brink):
    server = brink("env_dump")
    seen = variables(server, "/a%20b/c%2Fd?x=1&y")
    assert seen["GATEWAY_INTERFACE"] == "CGI/1.1"
    assert seen["SERVER_PROTOCOL"] == "HTTP/1.1"
    assert seen["SERVER_SOFTWARE"].startswith("brink/")
    assert (seen["SERVER_NAME"], seen["SERVER_PORT"]) == ("localhost", str(server.port))
    assert seen["REQUEST_METHOD"] == "GET"
    assert (seen["SCRIPT_NAME"], seen["PATH_INFO"]) == ("", "/a b/c%2Fd")
    assert seen["QUERY_STRING"] == "x=1&y"
    assert seen["REQUEST_URI"] == "/a%20b/c%2Fd?x=1&y"
    assert seen["REMOTE_ADDR"] == "127.0.0.1" and 0 < int(seen["REMOTE_PORT"]) < 65536
    assert seen["REQUEST_SCHEME"] == "http" and "HTTPS" not in seen
    assert "CONTENT_LENGTH" not in seen


def test_query_string_is_there_even_when_empty(brink):
    assert variables(brink("env_dump"))["QUERY_STRING"] == ""


def test_a_nul_in_the_path_is_refused(brink):
    assert fetch(brink("env_dump").port, "/a%00b").status == 400


def test_fields_become_variables_but_none_can_forge_ours(brink):
    seen = variables(brink("env_dump"), fields=[
        ("X-Twice", "1"), ("X-Twice", "2"), ("Proxy", "http://evil"), ("Remote_Addr", "6.6.6.6"),
        ("X_Under", "no"), ("Cookie", "a=1")])
    assert seen["HTTP_X_TWICE"] == "1, 2"
    assert seen["HTTP_COOKIE"] == "a=1"
    assert not {"HTTP_PROXY", "HTTP_X_UNDER", "HTTP_REMOTE_ADDR"} & seen.keys()
    assert seen["REMOTE_ADDR"] == "127.0.0.1"


def test_a_body_has_its_type_and_length(brink):
    seen = variables(brink("env_dump"), method="POST", body=b"four", fields=[("Content-Type", "text/x")])
    assert (seen["CONTENT_TYPE"], seen["CONTENT_LENGTH"]) == ("text/x", "4")
    assert not {"HTTP_CONTENT_TYPE", "HTTP_CONTENT_LENGTH"} & seen.keys()


def test_env_options_reach_the_program_and_the_hosts_own_do_not(brink):
    server = brink("env_dump", "--env", "COLOUR=dark red", environment={"HOST_SECRET": "1"})
    seen = variables(server)
    assert seen["COLOUR"] == "dark red"
    assert "HOST_SECRET" not in seen and "PATH" not in seen


def test_arguments_after_two_dashes_reach_the_program(brink):
    server = brink("args_dump", arguments=["one", "two words", "--three"])
    lines = fetch(server.port).text.splitlines()
    assert lines[1:] == ["1 [one]", "2 [two words]", "3 [--three]"]
