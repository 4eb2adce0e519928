"""Upkeep while the server runs: compacts ledgers, trims the change feed, purges what has ended."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Awaitable, Callable, Iterable
from datetime import timedelta
from typing import Any

import asyncpg
import structlog

from layers.clusters import compact_sql
from layers.feed import Feed
from layers.layer import Layer

EVERY = 60.0
"""Seconds between two rounds, more or less; fewer would save little."""

PURGE_EVERY = 600.0
"""Seconds between two times that what has ended is removed."""
Purge = Callable[[Any], Awaitable[object]]
"""Removes, over a connection as the server itself, what may no longer be kept."""
Look = Callable[[Any], Awaitable[object]]
"""Finds, over a connection as the server itself, what follows from the time that has passed."""

TRIM_EVERY = 3600.0
"""Seconds between two times that the feed is trimmed."""
_COMMITS = 1000
"""Commits that one transaction moves."""
_TRIM_LOCK = 7233003

# The age is the commit's. What has a lower version than the first young commit is old enough.
_TRIM = f"""
WITH cut AS (
  SELECT coalesce(
    (SELECT min(version) - 1 FROM dieuhanh.commit_log WHERE at >= now() - $1::interval),
    (SELECT max(version) FROM dieuhanh.commit_log)
  ) AS version
), gone AS (
  SELECT l.id, l.version FROM dieuhanh.commit_log AS l, dieuhanh.feed_floor AS f, cut
  WHERE l.version > f.version AND l.version <= cut.version ORDER BY l.version LIMIT {_COMMITS}
), moved AS (
  DELETE FROM dieuhanh.change AS c USING gone WHERE c.commit_id = gone.id
  RETURNING c.id, gone.version, c.layer, c.feature_id, c.op, c.at, c.actor, c.bbox, c.before,
    c.after
), kept AS (
  INSERT INTO dieuhanh.audit
    (id, version, layer, feature_id, op, at, actor, bbox, before, after)
  SELECT * FROM moved
), floored AS (
  UPDATE dieuhanh.feed_floor SET version = (SELECT max(version) FROM gone)
  WHERE EXISTS (SELECT FROM gone)
)
SELECT count(*) FROM gone
"""
# Each layer's last commit stays: its number is the layer's version.
_FORGET = """
DELETE FROM dieuhanh.commit_log AS l USING dieuhanh.feed_floor AS f
WHERE l.version <= f.version AND EXISTS (
  SELECT FROM dieuhanh.commit_log AS later
  WHERE later.layer = l.layer AND later.version > l.version
)
"""

_log = structlog.get_logger(__name__)


async def trim_feed(url: str, days: float) -> int:
    """Move changes of commits older than `days` to the audit trail; how many commits.

    The feed's readers are told that it begins later now. If another process trims at the moment,
    nothing is done.
    """
    connection = await _connect(url)
    trimmed: int = 0
    try:
        if not await connection.fetchval("SELECT pg_try_advisory_lock($1)", _TRIM_LOCK):
            return 0
        while True:
            async with connection.transaction():
                count: int = await connection.fetchval(_TRIM, timedelta(days=days), timeout=300)
                if count:
                    await connection.execute(_FORGET, timeout=300)
            trimmed += count
            if count < _COMMITS:
                return trimmed
    finally:
        connection.terminate()


async def _connect(url: str) -> Any:
    return await asyncpg.connect(
        url, timeout=5, server_settings={"application_name": "dieuhanh upkeep"}
    )


class Upkeep:
    """Compacts the ledgers of the layers that changed since the last round; trims the feed.

    Several workers may do so: one at a time works, the others go on at once.

    Args:
        url: the database, as the role that owns the ledgers.
        feed: tells which layers changed.
        layers: the records.
        feed_days: days that the feed tells back.
        purges: called from time to time, each in a transaction of its own.
        looks: called in each round, each in a transaction of its own.
        every: seconds between two rounds.
    """

    def __init__(
        self,
        url: str,
        feed: Feed,
        layers: Iterable[Layer],
        *,
        feed_days: float,
        purges: Iterable[Purge] = (),
        looks: Iterable[Look] = (),
        every: float = EVERY,
    ) -> None:
        self._url = url
        self._feed = feed
        self._layers = tuple(layers)
        self._feed_days = feed_days
        self._trim_at = 0.0
        self._purges = tuple(purges)
        self._purge_at = 0.0
        self._looks = tuple(looks)
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
            try:
                await self._compact()
                await self._trim()
                await self._each(self._looks)
                await self._purge()
            except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                _log.warning("upkeep not done", reason=type(error).__name__)

    async def _trim(self) -> None:
        now = asyncio.get_running_loop().time()
        if now < self._trim_at:
            return
        trimmed = await trim_feed(self._url, self._feed_days)
        self._trim_at = now + TRIM_EVERY
        if trimmed:
            _log.info("change feed trimmed", commits=trimmed)

    async def _purge(self) -> None:
        now = asyncio.get_running_loop().time()
        if now < self._purge_at:
            return
        await self._each(self._purges)
        self._purge_at = now + PURGE_EVERY

    async def _each(self, works: Iterable[Look | Purge]) -> None:
        connection = await _connect(self._url)
        try:
            for work in works:
                async with connection.transaction():
                    await work(connection)
        finally:
            connection.terminate()

    async def _compact(self) -> None:
        layers = [
            layer
            for layer in self._layers
            if self._feed.version(layer.id) != self._done.get(layer.id, 0)
        ]
        if not layers:
            return
        connection = await _connect(self._url)
        try:
            for layer in layers:
                version = self._feed.version(layer.id)
                await connection.execute(compact_sql(layer), timeout=60)
                self._done[layer.id] = version
        finally:
            connection.terminate()
