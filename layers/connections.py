"""A pool of asyncpg connections for reads.

asyncpg's own pool makes a task, a time-out and a reset for each use, which together cost a read
of one feature more than its query. Readers leave no session state behind, so lending a
connection here is taking it from a list.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

Connection = Any
"""An `asyncpg.Connection`."""
CLOSING_SECONDS = 2
"""How long a connection may take to close before it is ended."""


class ConnectionPool:
    """Lends connections, the one last used first, and opens more up to a limit.

    Args:
        connect: opens a connection.
        size: connections at most.
        timeout: seconds to wait for a connection.
    """

    def __init__(
        self, connect: Callable[[], Awaitable[Connection]], size: int, timeout: float
    ) -> None:
        self._connect = connect
        self._size = size
        self._timeout = timeout
        self._idle: list[Connection] = []
        self._waiting: deque[asyncio.Future[Connection | None]] = deque()
        self._closing: set[asyncio.Task[None]] = set()
        self.open = 0
        self._closed = False

    @property
    def idle(self) -> int:
        """Connections that nobody uses at the moment."""
        return len(self._idle)

    async def take(self) -> Connection:
        """A connection for the caller alone, until it is given back or dropped.

        Raises:
            TimeoutError: all stayed busy for too long.
            OSError, asyncpg.PostgresError: the database does not take another connection.
        """
        while self._idle:
            connection = self._idle.pop()
            if not connection.is_closed():
                return connection
            self.open -= 1
        if self.open < self._size:
            return await self._opened()
        waiter: asyncio.Future[Connection | None] = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        try:
            connection = await asyncio.wait_for(waiter, self._timeout)
        except (TimeoutError, asyncio.CancelledError):
            if waiter.done() and not waiter.cancelled() and waiter.result() is not None:
                self.give(waiter.result())
            raise
        # None: one was closed, and its place is free.
        return await self._opened() if connection is None else connection

    async def _opened(self) -> Connection:
        self.open += 1
        try:
            return await self._connect()
        except BaseException:
            self._free_place()
            raise

    def give(self, connection: Connection) -> None:
        """Give a connection back after its query has ended."""
        if connection.is_closed() or self._closed:
            self.drop(connection)
            return
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(connection)
                return
        self._idle.append(connection)

    def drop(self, connection: Connection) -> None:
        """Close a connection whose query may still run; PostgreSQL is told to cancel it."""
        self._free_place()
        task = asyncio.get_running_loop().create_task(_close(connection))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    def _free_place(self) -> None:
        self.open -= 1
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(None)
                return

    async def close(self) -> None:
        """Close the idle connections, and those in use when they are given back."""
        self._closed = True
        while self._idle:
            self.drop(self._idle.pop())
        # Each ends in time by itself; what is left would outlive the loop.
        while self._closing:
            await asyncio.wait(self._closing)


async def _close(connection: Connection) -> None:
    try:
        # Waits for a cancelled query's end, which asyncpg has asked the server for.
        await connection.close(timeout=CLOSING_SECONDS)
    except Exception:
        connection.terminate()
