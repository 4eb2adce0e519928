"""Upkeep while the server runs: the ledgers of changed layers are compacted from time to time."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Iterable

import asyncpg
import structlog

from layers.clusters import compact_sql
from layers.feed import Feed
from layers.layer import Layer

EVERY = 60.0
"""Seconds between two rounds, more or less; fewer would save little."""

_log = structlog.get_logger(__name__)


class Upkeep:
    """Compacts the ledgers of the layers that changed since the last round.

    Several workers may do so: one at a time works, the others go on at once.

    Args:
        url: the database, as the role that owns the ledgers.
        feed: tells which layers changed.
        layers: the records.
        every: seconds between two rounds.
    """

    def __init__(self, url: str, feed: Feed, layers: Iterable[Layer], every: float = EVERY) -> None:
        self._url = url
        self._feed = feed
        self._layers = tuple(layers)
        self._every = every
        self._done: dict[str, int] = {}
        self._task: asyncio.Task[None] | None = None

    def open(self) -> None:
        """Begin; the first round comes after the first pause."""
        self._done = dict(self._feed.versions)
        self._task = asyncio.create_task(self._run(), name="upkeep")

    async def close(self) -> None:
        """Stop; what is under way is undone by the database."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    async def _run(self) -> None:
        while True:
            # Workers that started together do not stay in step.
            await asyncio.sleep(self._every * random.uniform(0.8, 1.2))
            changed = [
                layer
                for layer in self._layers
                if self._feed.version(layer.id) != self._done.get(layer.id, 0)
            ]
            if not changed:
                continue
            try:
                await self._compact(changed)
            except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                _log.warning("ledgers not compacted", reason=type(error).__name__)

    async def _compact(self, layers: list[Layer]) -> None:
        connection = await asyncpg.connect(
            self._url, timeout=5, server_settings={"application_name": "dieuhanh upkeep"}
        )
        try:
            for layer in layers:
                version = self._feed.version(layer.id)
                await connection.execute(compact_sql(layer), timeout=60)
                self._done[layer.id] = version
        finally:
            connection.terminate()
