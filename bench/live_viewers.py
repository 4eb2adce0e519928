"""A thousand viewers in one process: they only note what arrived when."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any

_IDS = re.compile(rb'"id":"([0-9a-f-]{36})","op":"insert"')


@dataclass(slots=True)
class Seen:
    """What the viewers saw.

    Attributes:
        arrivals: when what arrived, for each viewer's each arrival: time and number of the ids.
        contents: the ids that arrived together, by number.
    """

    arrivals: list[tuple[float, int]] = field(default_factory=list)
    contents: list[tuple[bytes, ...]] = field(default_factory=list)
    events: int = 0
    doubles: int = 0
    lost: int = 0
    last: float = 0.0

    def delays(self, began: Mapping[bytes, float]) -> list[float]:
        """Milliseconds from each post to each viewer's event of it."""
        return [
            (moment - began[identifier]) * 1000
            for moment, number in self.arrivals
            for identifier in self.contents[number]
            if identifier in began
        ]


class _Viewer(asyncio.Protocol):
    def __init__(self, crowd: _Crowd) -> None:
        self._crowd = crowd
        self._rest = b""
        self.connected = False
        self.ids: set[bytes] = set()

    def connection_made(self, transport: Any) -> None:
        transport.write(
            b"GET /api/live?layers=sos_requests HTTP/1.1\r\nHost: bench\r\n"
            b"Accept: text/event-stream\r\n\r\n"
        )

    def data_received(self, data: bytes) -> None:
        if not self.connected and b"\nid: " in self._rest + data:
            self.connected = True
            self._crowd.ready()
        whole, separator, self._rest = (self._rest + data).rpartition(b"\n\n")
        if separator:
            self._crowd.arrived(self, whole)

    def connection_lost(self, error: Exception | None) -> None:
        self._crowd.seen.lost += 1


class _Crowd:
    def __init__(self, viewers: int) -> None:
        self._missing = viewers
        self.all_ready = asyncio.Event()
        self.seen = Seen()
        # Equal viewers are sent equal bytes: they are looked into once.
        self._known: dict[bytes, int] = {}

    def ready(self) -> None:
        self._missing -= 1
        if not self._missing:
            self.all_ready.set()

    def arrived(self, viewer: _Viewer, data: bytes) -> None:
        number = self._known.get(data)
        if number is None:
            if len(self._known) > 500:
                self._known.clear()
            number = self._known[data] = len(self.seen.contents)
            self.seen.contents.append(tuple(_IDS.findall(data)))
        ids = self.seen.contents[number]
        if not ids:
            return
        seen = self.seen
        seen.last = time.time()
        seen.arrivals.append((seen.last, number))
        seen.events += len(ids)
        before = len(viewer.ids)
        viewer.ids.update(ids)
        seen.doubles += before + len(ids) - len(viewer.ids)


async def watch(host: str, port: int, viewers: int, told: Connection) -> None:
    """Connect all viewers, say so, and watch until all is seen or the time is over.

    Args:
        told: says `ready`, is told how many posts there were and how long to wait for the rest,
            and says what was seen.
    """
    loop = asyncio.get_running_loop()
    crowd = _Crowd(viewers)
    for first in range(0, viewers, 50):
        await asyncio.gather(
            *(
                loop.create_connection(lambda: _Viewer(crowd), host, port)
                for _ in range(first, min(first + 50, viewers))
            )
        )
    await crowd.all_ready.wait()
    told.send("ready")
    posts, seconds = await loop.run_in_executor(None, told.recv)
    for _ in range(round(seconds * 20)):
        if crowd.seen.events >= posts * viewers:
            break
        await asyncio.sleep(0.05)
    told.send(crowd.seen)
