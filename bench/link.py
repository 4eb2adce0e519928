"""A thin network in front of a server: so many bits a second and so long a way, for all together.

A browser's own throttling leaves out what its workers load, and the map's tiles are theirs.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

HOST = "127.0.0.1"
CHUNK = 1460
"""Bytes that go at a time: a packet of Ethernet."""


@dataclass(frozen=True, slots=True)
class Speed:
    """What a network carries.

    Attributes:
        down, up: bits a second, of all connections together.
        way: seconds that a packet is under way in one direction.
    """

    down: float
    up: float
    way: float


class Link:
    """The network: a port of its own that leads to another; counts what comes down.

    Attributes:
        down: bytes that have come down, with all headers.
    """

    def __init__(self, port: int, speed: Speed) -> None:
        self._target = port
        self._speed = speed
        self.down = 0
        self.port = 0
        self._open: set[asyncio.Task[None]] = set()
        self._free = {"down": 0.0, "up": 0.0}

    async def serve(self, ready: threading.Event, ending: asyncio.Event) -> None:
        """Carry until the end."""
        server = await asyncio.start_server(self._connected, HOST, 0)
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        await ending.wait()
        server.close()
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # As a task of our own: the library's would write of each that is cut off at the end.
        task = asyncio.get_running_loop().create_task(self._carry(reader, writer))
        self._open.add(task)
        task.add_done_callback(self._open.discard)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            # A connection is open after one way there and back.
            await asyncio.sleep(2 * self._speed.way)
            there, back = await asyncio.open_connection(HOST, self._target)
        except OSError:
            writer.close()
            return
        await asyncio.gather(self._pump(reader, back, "up"), self._pump(there, writer, "down"))

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, way: str
    ) -> None:
        loop = asyncio.get_running_loop()
        rate = (self._speed.down if way == "down" else self._speed.up) / 8
        sent = 0.0
        with suppress(OSError):
            while part := await reader.read(CHUNK):
                # The line is one: what is sent now waits for what was sent before.
                begins = max(loop.time(), self._free[way])
                self._free[way] = begins + len(part) / rate
                await asyncio.sleep(self._free[way] - loop.time())
                sent = max(sent, self._free[way] + self._speed.way)
                loop.call_at(sent, self._deliver, writer, part, way)
        loop.call_at(max(sent, loop.time()) + 0.001, writer.close)

    def _deliver(self, writer: asyncio.StreamWriter, part: bytes, way: str) -> None:
        if not writer.is_closing():
            writer.write(part)
            if way == "down":
                self.down += len(part)


@contextmanager
def link(port: int, speed: Speed) -> Iterator[Link]:
    """A network that leads to a port of this machine, for the length of a block."""
    made, ready = Link(port, speed), threading.Event()
    loop = asyncio.new_event_loop()
    ending = asyncio.Event()
    thread = threading.Thread(target=lambda: loop.run_until_complete(made.serve(ready, ending)))
    thread.start()
    ready.wait()
    try:
        yield made
    finally:
        loop.call_soon_threadsafe(ending.set)
        thread.join()
        loop.close()
