"""The live stream: one reader of the change feed in each worker, any number of viewers.

The reader wakes when a commit is heard of, reads what is new once, and keeps the last changes in
memory. A viewer is a position in the feed and a wish (layers, box, audience); it has no queue. It
is woken when there is something for it, sends, and moves on. One that falls behind what memory
holds reads the feed's table; one that takes nothing for long is dropped, and resumes by its id.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import OrderedDict, deque
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import asyncpg
import structlog
from shapely import Point

from layers.database import DatabaseUnavailable, QueryTooSlow
from layers.deltas import Batch, ChangeReader, Delta, Position, Trimmed
from layers.feed import Feed
from layers.layer import Audience
from spatial.bbox import Bbox

PAUSE = 0.1
"""Seconds from one reading to the next at least: what commits meanwhile is sent together."""
VIEWERS_PER_SECOND = 2000
"""Viewers to wake a second at most: with more of them, readings are further apart."""
LONGEST_PAUSE = 0.5
HEARTBEAT = 15.0
"""Seconds without an event after which a viewer is told that the stream lives."""
REMEMBERED = 5000
"""Changes kept in memory for viewers who resume."""
SHARED = 8 << 20
"""Bytes of what is made from one reading for equal wishes, more or less."""
PAGE = 1000
"""Changes of one reading at most."""
CHECK = 5.0
"""Seconds after which the feed is read though nothing was heard of."""

_TROUBLE = (
    OSError,
    TimeoutError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    DatabaseUnavailable,
    QueryTooSlow,
)
_log = structlog.get_logger(__name__)


class TooManyViewers(Exception):
    """The worker has as many viewers as it may have."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a viewer wants to be told; equal wishes share what is sent."""

    audience: Audience
    layers: frozenset[str]
    bbox: Bbox | None
    point: Point | None = None
    """Only areas that hold this place, in degrees."""

    def told(self, delta: Delta) -> str | None:
        """What to tell of a change; None: nothing."""
        if delta.change.layer.id not in self.layers:
            return None
        return delta.seen_in(self.bbox) if self.point is None else delta.seen_at(self.point)


@dataclass(slots=True, eq=False)
class Viewer:
    """One open stream."""

    wish: Wish
    position: Position
    beat_at: float
    waiter: asyncio.Future[None] | None = field(default=None)

    def wake(self) -> None:
        """Let it look for what is new."""
        if self.waiter is not None and not self.waiter.done():
            self.waiter.set_result(None)


class Stream:
    """Fans the change feed out to the viewers of one worker.

    Args:
        feed: tells when there is something to read.
        reader: reads it.
        viewers: at most, at a time.
    """

    def __init__(self, feed: Feed, reader: ChangeReader, viewers: int) -> None:
        self._reader = reader
        self._most = viewers
        self._viewers: set[Viewer] = set()
        self._log: deque[Batch] = deque()
        self._kept = 0
        self._head = 0
        self._older: OrderedDict[int, asyncio.Task[Batch]] = OrderedDict()
        self._reading = asyncio.Semaphore(2)
        self._heard = asyncio.Event()
        self._running: asyncio.Task[None] | None = None
        self._starting = asyncio.Lock()
        self._ending = False
        self.events = 0
        feed.on_change(lambda _layer, _version: self._heard.set())

    @property
    def viewers(self) -> int:
        """The number of open streams."""
        return len(self._viewers)

    def end(self) -> None:
        """Let all streams end, each after what it is sending; no new one begins."""
        self._ending = True
        for viewer in self._viewers:
            viewer.wake()

    async def close(self) -> None:
        """End the streams and stop reading."""
        self.end()
        if self._running is not None:
            self._running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._running

    async def begin(self, wish: Wish, position: Position | None) -> Viewer:
        """A viewer that has had the feed up to a position; up to now if None.

        Raises:
            TooManyViewers: there is no place.
            Trimmed: the feed does not tell what comes after the position.
            QueryTooSlow, DatabaseUnavailable: see `Database`.
        """
        if len(self._viewers) >= self._most or self._ending:
            raise TooManyViewers
        viewer = Viewer(wish, Position(-1), asyncio.get_running_loop().time() + HEARTBEAT)
        self._viewers.add(viewer)
        try:
            await self._start()
            viewer.position = Position(self._head) if position is None else position
            if not self._log_start() <= viewer.position.after <= self._head:
                floor, head = await self._reader.state()
                if not floor <= viewer.position.after <= head:
                    raise Trimmed(head)
        except BaseException:
            self.leave(viewer)
            raise
        return viewer

    async def _start(self) -> None:
        """Begin to read where the feed is now, unless that is under way."""
        async with self._starting:
            if self._running is None or self._running.done():
                _, self._head = await self._reader.state()
                self._log.clear()
                self._kept = 0
                self._running = asyncio.create_task(self._run(), name="live feed")

    def leave(self, viewer: Viewer) -> None:
        """The stream has ended."""
        self._viewers.discard(viewer)

    async def chunks(self, viewer: Viewer) -> AsyncIterator[bytes]:
        """What to send to a viewer, as it comes, until the server stops.

        Raises:
            Trimmed: the feed was trimmed past where the viewer is.
        """
        loop = asyncio.get_running_loop()
        while not self._ending:
            chunk = await self._next(viewer)
            if chunk is None:
                if viewer.beat_at > loop.time():
                    viewer.waiter = loop.create_future()
                    await viewer.waiter
                    continue
                # An id alone moves the place to resume at, and is no event to a page.
                chunk = b":\nid: %d\n\n" % viewer.position.version
            viewer.beat_at = loop.time() + HEARTBEAT
            yield chunk

    async def _next(self, viewer: Viewer) -> bytes | None:
        """What follows the viewer's position; None if there is nothing to tell up to the head."""
        while True:
            position = viewer.position
            batch = await self._batch(position.after)
            if batch is None:
                return None
            payload = await self._payload(batch, viewer.wish, position)
            viewer.position = Position(batch.upto)
            if payload:
                return payload

    async def _batch(self, after: int) -> Batch | None:
        """A batch that holds the commits after a version; None if there are none yet."""
        if after >= self._head:
            return None
        if after >= self._log_start():
            return next(batch for batch in reversed(self._log) if batch.after <= after)
        task = self._older.get(after)
        if task is None or (task.done() and (task.cancelled() or task.exception())):
            # Many come back at once, from the same place: one reads for all.
            task = self._older[after] = asyncio.create_task(self._read_older(after))
            while len(self._older) > 16:
                self._older.popitem(last=False)
        return await asyncio.shield(task)

    async def _read_older(self, after: int) -> Batch:
        async with self._reading:
            while True:
                try:
                    return await self._reader.read(after, PAGE)
                except _TROUBLE as error:
                    _log.warning("feed not read", reason=type(error).__name__)
                    await asyncio.sleep(0.5)

    def _log_start(self) -> int:
        return self._log[0].after if self._log else self._head

    async def _payload(self, batch: Batch, wish: Wish, position: Position) -> bytes:
        whole = position.after <= batch.after and position.changes is None
        if whole and wish in batch.payloads:
            return batch.payloads[wish]
        while True:
            try:
                deltas = await batch.deltas(self._reader, wish.audience)
                break
            except _TROUBLE as error:
                _log.warning("feed not read", reason=type(error).__name__)
                await asyncio.sleep(0.5)
        told = [
            _event(delta, text)
            for delta in deltas
            if (whole or position.is_before(delta.change))
            and (text := wish.told(delta)) is not None
        ]
        payload = "".join(told).encode()
        if whole and len(payload) * len(batch.payloads) < SHARED:
            batch.payloads[wish] = payload
        return payload

    async def _run(self) -> None:
        beating = asyncio.create_task(self._beat(), name="live heartbeat")
        try:
            while self._viewers:
                await self._read()
                most = len(self._viewers) / VIEWERS_PER_SECOND
                await asyncio.sleep(min(LONGEST_PAUSE, max(PAUSE, most)))
        finally:
            beating.cancel()

    async def _read(self) -> None:
        """Wait until a commit is heard of, and read all that is new."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._heard.wait(), CHECK)
        self._heard.clear()
        try:
            while await self._advance():
                pass
        except Trimmed as error:
            # Restored from a backup, or cut off for very long: who was watching begins afresh.
            self._log.clear()
            self._kept, self._head = 0, error.head
            for viewer in self._viewers:
                viewer.wake()
        except _TROUBLE as error:
            _log.warning("feed not read", reason=type(error).__name__)
            self._heard.set()
            await asyncio.sleep(0.5)

    async def _advance(self) -> bool:
        """Read what is new and wake those it concerns; whether there may be more."""
        batch = await self._reader.read(self._head, PAGE)
        if batch.upto <= self._head:
            return False
        wishes = {viewer.wish for viewer in self._viewers}
        for audience in {wish.audience for wish in wishes}:
            await batch.deltas(self._reader, audience)
        if self._log:
            self._log[-1].payloads.clear()
        self._log.append(batch)
        self._kept += len(batch.changes) + 1
        self._head = batch.upto
        while self._kept > REMEMBERED:
            self._kept -= len(self._log.popleft().changes) + 1
        start = Position(batch.after)
        concerned = {wish for wish in wishes if await self._payload(batch, wish, start)}
        for viewer in self._viewers:
            if viewer.wish in concerned:
                self.events += 1
                viewer.wake()
            elif viewer.position == start:
                viewer.position = Position(batch.upto)
        return batch.upto < batch.head

    async def _beat(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(1)
            now = loop.time()
            for viewer in self._viewers:
                if viewer.beat_at <= now:
                    viewer.wake()


def _event(delta: Delta, text: str) -> str:
    kind = "refresh" if delta.change.op == "refresh" else "change"
    return f"id: {delta.change.key}\nevent: {kind}\ndata: {text}\n\n"
