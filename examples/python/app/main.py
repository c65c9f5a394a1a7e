"""A CGI script on CPython: GET, a POST form, and JSON."""

import json
import os
import sys
import urllib.parse

PAGE = """<!doctype html><title>python</title>
<p>Hello from Python {version}.</p>
<form method=post><input name=name value=World><button>greet</button></form>
"""


def answer(body, content_type="text/plain; charset=utf-8", status="200 OK"):
    data = body.encode()
    head = f"Status: {status}\r\nContent-Type: {content_type}\r\nContent-Length: {len(data)}\r\n\r\n"
    sys.stdout.buffer.write(head.encode() + data)


def post():
    length = int(os.environ.get("CONTENT_LENGTH") or 0)
    data = sys.stdin.buffer.read(length)
    kind = os.environ.get("CONTENT_TYPE", "").partition(";")[0].strip()
    if kind == "application/x-www-form-urlencoded":
        fields = urllib.parse.parse_qs(data.decode())
        answer(f"Hello, {fields.get('name', ['nobody'])[0]}!\n")
    elif kind == "application/json":
        try:
            value = json.loads(data)
        except ValueError as error:
            answer(f"not JSON: {error}\n", status="400 Bad Request")
        else:
            answer(json.dumps({"you_sent": value}) + "\n", "application/json")
    else:
        answer(f"a form or JSON, not {kind or 'nothing'}\n", status="415 Unsupported Media Type")


if os.environ.get("REQUEST_METHOD") == "POST":
    post()
else:
    answer(PAGE.format(version=sys.version.split()[0]), "text/html; charset=utf-8")
