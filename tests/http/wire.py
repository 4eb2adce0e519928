"""A client that writes the bytes of requests itself, and reads the answers one by one."""

from __future__ import annotations

import json
import socket
from typing import Any, NamedTuple, Self
from urllib.parse import urlsplit


class Answer(NamedTuple):
    """An answer; names of headers are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        """Which request it answers."""
        return self.headers["x-request-id"]

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


class Wire:
    """A connection to a server."""

    def __init__(self, address: str, *, receive_buffer: int = 0) -> None:
        parts = urlsplit(address)
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(30)
        self.socket.connect((parts.hostname, parts.port))
        self._bytes = self.socket.makefile("rb")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._bytes.close()
        self.socket.close()

    def send(self, *requests: str) -> None:
        """Send requests in one piece; lines end as they do in Python."""
        self.socket.sendall("".join(requests).replace("\n", "\r\n").encode())

    def answer(self, *, head_only: bool = False) -> Answer:
        """The next answer."""
        status = int(self._bytes.readline().split()[1])
        headers = {}
        while line := self._bytes.readline().decode("latin-1").strip():
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        assert "transfer-encoding" not in headers
        length = 0 if head_only or status in (100, 204, 304) else int(headers["content-length"])
        return Answer(status, headers, self._bytes.read(length))

    def rest(self) -> bytes:
        """All that comes until the server closes the connection."""
        try:
            return self._bytes.read()
        except ConnectionResetError:
            return b""


def get(path: str, name: str = "", *lines: str, method: str = "GET", version: str = "1.1") -> str:
    """A request without a body; `name` is its `X-Request-Id`."""
    named = [f"X-Request-Id: {name}"] if name else []
    return "\n".join([f"{method} {path} HTTP/{version}", "Host: localhost", *named, *lines, "", ""])
