"""HTTP/1.1 over a plain socket: what is sent is exactly what the test says, and
what comes back is checked strictly. Every wait has a deadline."""

import socket
import struct
import time
from dataclasses import dataclass, field

from process import DEADLINE


@dataclass
class Response:
    status: int
    reason: str
    fields: list = field(default_factory=list)
    body: bytes = b""

    def __getitem__(self, name):
        return self.get(name)

    def get(self, name):
        """The only value of a field, or None; two of them are a failure."""
        values = self.all(name)
        assert len(values) < 2, f"{name} is repeated: {values}"
        return values[0] if values else None

    def all(self, name):
        return [value for key, value in self.fields if key.lower() == name.lower()]

    @property
    def text(self):
        return self.body.decode()


class Connection:
    def __init__(self, port, host="127.0.0.1", deadline=DEADLINE):
        self.socket = socket.create_connection((host, port), deadline)
        self.deadline = deadline
        self.buffer = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def reset(self):
        """Closes with RST, as a client that crashes."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def half_close(self):
        self.socket.shutdown(socket.SHUT_WR)

    def send(self, data):
        self.socket.sendall(data.encode() if isinstance(data, str) else data)

    def request(self, method="GET", target="/", fields=(), body=None, version="HTTP/1.1"):
        """Sends one request. `fields` are added to Host and Content-Length."""
        lines = [f"{method} {target} {version}"]
        lines += [f"{name}: {value}" for name, value in ((("Host", "localhost"),) + tuple(fields))]
        if body is not None:
            lines.append(f"Content-Length: {len(body)}")
        self.send("\r\n".join(lines).encode() + b"\r\n\r\n" + (body or b""))

    def fill(self):
        """More bytes into the buffer; False at the end of the stream."""
        self.socket.settimeout(self.deadline)
        data = self.socket.recv(65536)
        self.buffer += data
        return bool(data)

    def line(self):
        while b"\r\n" not in self.buffer:
            assert self.fill(), f"the connection ended within a line: {self.buffer!r}"
        line, _, self.buffer = self.buffer.partition(b"\r\n")
        assert b"\n" not in line, f"bare LF in {line!r}"
        return line.decode("latin-1")

    def exactly(self, size):
        while len(self.buffer) < size:
            assert self.fill(), f"the connection ended {size - len(self.buffer)} bytes early"
        data, self.buffer = self.buffer[:size], self.buffer[size:]
        return data

    def rest(self):
        while self.fill():
            pass
        data, self.buffer = self.buffer, b""
        return data

    def head(self):
        """Status line and header section of the next final answer."""
        while True:
            version, _, rest = self.line().partition(" ")
            assert version == "HTTP/1.1", version
            status, _, reason = rest.partition(" ")
            response = Response(int(status), reason)
            while line := self.line():
                name, colon, value = line.partition(":")
                assert colon and name and name == name.strip(), f"not a field: {line!r}"
                response.fields.append((name, value.strip(" \t")))
            if response.status >= 200 or response.status == 101:
                return response

    def chunk(self):
        """The next chunk's data; empty after the last one and its trailers."""
        size = int(self.line().partition(";")[0], 16)
        if size == 0:
            while self.line():
                pass
            return b""
        data = self.exactly(size)
        assert self.exactly(2) == b"\r\n", "a chunk does not end with CRLF"
        return data

    def response(self, method="GET"):
        """A whole answer, framed as RFC 9112 section 6.3 says."""
        response = self.head()
        length, coding = response["Content-Length"], response["Transfer-Encoding"]
        assert not (length and coding), "Content-Length together with Transfer-Encoding"
        if method == "HEAD" or response.status in (204, 304):
            return response
        if coding:
            assert coding == "chunked", coding
            while data := self.chunk():
                response.body += data
        elif length is not None:
            response.body = self.exactly(int(length))
        else:
            response.body = self.rest()
        return response

    def ended(self):
        """Whether the server closes the connection without another byte."""
        try:
            return not self.buffer and not self.fill()
        except ConnectionResetError:
            return True


def fetch(port, target="/", method="GET", fields=(), body=None):
    """One request on a connection of its own."""
    with Connection(port) as connection:
        connection.request(method, target, fields, body)
        return connection.response(method)


def eventually(condition, deadline=DEADLINE):
    """Polls until `condition()` is true, and returns its value."""
    end = time.monotonic() + deadline
    while not (value := condition()):
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.01)
    return value
