"""What a program is told about its request (RFC 3875, section 4.1)."""

import shutil

from http_client import Connection, fetch
from process import guest


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


def app(tmp_path, wcgi):
    """A package of the program env_dump with the given `wcgi:` options."""
    shutil.copy(guest("env_dump"), tmp_path / "env_dump.wasm")
    (tmp_path / "wasmer.toml").write_text(
        '[[module]]\nname = "m"\nsource = "env_dump.wasm"\n\n'
        '[[command]]\nname = "m"\nmodule = "m"\nrunner = "wcgi"\n')
    (tmp_path / "app.yaml").write_text(
        f"kind: wasmer.io/App.v0\nname: env\npackage: .\nwcgi: {wcgi}\n")
    return tmp_path


def test_credentials_reach_a_program_that_asks_for_them(brink, tmp_path):
    field = [("Authorization", "Basic dTpw")]
    withheld = variables(brink("env_dump"), fields=field)
    assert withheld["AUTH_TYPE"] == "Basic" and "HTTP_AUTHORIZATION" not in withheld
    passed = variables(brink(app(tmp_path, "{ authorization: pass }")), fields=field)
    assert passed["HTTP_AUTHORIZATION"] == "Basic dTpw"


def test_a_chunked_body_is_streamed_without_a_length_to_a_program_that_asks(brink, tmp_path):
    server = brink(app(tmp_path, "{ request_body: stream }"))
    with Connection(server.port) as connection:
        connection.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
        # Not a byte of the body has come, and the program answers.
        response = connection.response()
        assert response.status == 200 and "CONTENT_LENGTH" not in response.text
