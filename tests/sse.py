"""A client of server-sent events, as a browser's EventSource is, that keeps what it was told."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Self
from urllib.parse import urlsplit


class Event(NamedTuple):
    """One event; `id` is the last event id at that moment."""

    kind: str
    id: str
    data: Any


class Listener:
    """Listens in a thread of its own, and comes back by the last id whenever it is cut off."""

    def __init__(
        self,
        address: str,
        query: str = "",
        *,
        headers: Mapping[str, str] | None = None,
        last_id: str = "",
        resume: bool = True,
    ) -> None:
        parts = urlsplit(address)
        self._host, self._port = str(parts.hostname), parts.port
        self._path = f"/api/live?{query}"
        self._headers = dict(headers or {})
        self._resume = resume
        self.last_id = last_id
        self.events: list[Event] = []
        self.comments = 0
        self.connections = 0
        self.text = ""
        self._stop = False
        self._open: http.client.HTTPConnection | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self.wait(lambda: self.connections > 0 and self.last_id != "")
        return self

    def __exit__(self, *_: object) -> None:
        self._stop = True
        if self._open is not None and self._open.sock is not None:
            with contextlib.suppress(OSError):
                self._open.sock.shutdown(socket.SHUT_RDWR)
        self._thread.join(5)

    def wait(self, condition: Callable[[], bool], seconds: float = 20) -> None:
        """Wait until what was told fulfils a condition."""
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, (self.last_id, self.events[-5:])
            time.sleep(0.02)

    def changes(self) -> list[Any]:
        """The data of the events that tell of changes."""
        return [event.data for event in self.events if event.kind == "change"]

    def _run(self) -> None:
        while not self._stop:
            with contextlib.suppress(OSError, http.client.HTTPException):
                self._listen()
            if not self._resume:
                return
            time.sleep(0.1)

    def _listen(self) -> None:
        headers = {**self._headers, "Accept": "text/event-stream"}
        if self.last_id:
            headers["Last-Event-ID"] = self.last_id
        self._open = http.client.HTTPConnection(self._host, self._port, timeout=30)
        try:
            self._open.request("GET", self._path, headers=headers)
            answer = self._open.getresponse()
            if answer.status == 200:
                self.connections += 1
                self._read(answer)
        finally:
            self._open.close()

    def _read(self, answer: http.client.HTTPResponse) -> None:
        block: dict[str, str] = {}
        while raw := answer.readline():
            line = raw.decode().rstrip("\n")
            self.text += line + "\n"
            if line.startswith(":"):
                self.comments += 1
            elif line:
                name, _, value = line.partition(":")
                block[name] = value.removeprefix(" ")
            else:
                self.last_id = block.get("id", self.last_id)
                if "data" in block:
                    data = json.loads(block["data"])
                    self.events.append(Event(block.get("event", "message"), self.last_id, data))
                block = {}
