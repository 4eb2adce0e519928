"""The change feed as a worker hears it: each layer's version number, at most a moment old."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Mapping
from typing import Any

import asyncpg
import structlog

from layers.changes import CHANNEL

_log = structlog.get_logger(__name__)

_VERSIONS = """
SELECT layer, max(version) AS version FROM dieuhanh.commit_log
WHERE version IS NOT NULL GROUP BY layer
"""
MINUTE = "minute"
"""Stands among layers for the clock: an answer that tells of today or of the last hours, too, is
no longer what it was when a minute has gone by."""
_BEAT = 5.0
_RETRY = 0.25


class Feed:
    """Listens to the database and knows every layer's version.

    `live` is False while the listening connection is down: versions are then unknown, and
    nothing may be answered from a cache or with 304.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._task: asyncio.Task[None] | None = None
        self._versions: dict[str, int] = {}
        self._listeners: list[Callable[[str, int], None]] = []
        self.live = False

    def version(self, layer: str) -> int:
        """The number of the last commit that changed a layer; 0 if none did.

        That of `MINUTE` is the number of minutes since 1970.
        """
        if layer == MINUTE:
            return int(time.time() // 60)
        return self._versions.get(layer, 0)

    @property
    def versions(self) -> Mapping[str, int]:
        """The versions of all layers that ever changed."""
        return self._versions

    def on_change(self, listener: Callable[[str, int], None]) -> None:
        """Call `listener(layer, version)` for every commit heard of."""
        self._listeners.append(listener)

    async def open(self) -> None:
        """Start to listen; returns once the versions are known or the first try failed."""
        first = asyncio.Event()
        self._task = asyncio.create_task(self._listen(first), name="change feed")
        await first.wait()

    async def close(self) -> None:
        """Stop listening."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None
        self.live = False

    async def _listen(self, first: asyncio.Event) -> None:
        while True:
            connection: Any = None
            try:
                connection = await asyncpg.connect(
                    self._url, timeout=5, server_settings={"application_name": "dieuhanh feed"}
                )
                await connection.add_listener(CHANNEL, self._heard)
                # Listening before reading: a commit in between is heard, not lost.
                for row in await connection.fetch(_VERSIONS):
                    self._learn(row["layer"], row["version"])
                self.live = True
                first.set()
                while not connection.is_closed():
                    await connection.execute("SELECT 1", timeout=_BEAT)
                    await self._wait_closed(connection)
            except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                _log.warning("change feed lost", reason=type(error).__name__)
            finally:
                self.live = False
                first.set()
                if connection is not None:
                    connection.terminate()
            await asyncio.sleep(_RETRY)

    async def _wait_closed(self, connection: Any) -> None:
        closed = asyncio.Event()

        def mark(_: object) -> None:
            self.live = False
            closed.set()

        connection.add_termination_listener(mark)
        try:
            await asyncio.wait_for(closed.wait(), _BEAT)
        except TimeoutError:
            pass
        finally:
            connection.remove_termination_listener(mark)

    def _heard(self, _connection: object, _pid: int, _channel: str, payload: object) -> None:
        number, _, layer = str(payload).partition(" ")
        self._learn(layer, int(number))

    def _learn(self, layer: str, version: int) -> None:
        if version <= self._versions.get(layer, 0):
            return
        self._versions[layer] = version
        for listener in self._listeners:
            listener(layer, version)
