"""The one place that runs SQL for readers: pools by audience, time limits, cancellation."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import asyncpg

from layers.connections import ConnectionPool
from layers.layer import Audience
from spatial.sql import Sql

ROLES = {Audience.PUBLIC: "dieuhanh_public"}
"""The PostgreSQL role that each audience reads as."""


_UNAVAILABLE = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.TooManyConnectionsError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
)


class DatabaseUnavailable(Exception):
    """The database cannot be reached, or all its connections stayed busy for too long."""


class QueryTooSlow(Exception):
    """A query ran into the statement time-out."""


class Database:
    """Connection pools, one for each audience, so that a read needs no `SET ROLE` first.

    Args:
        url: a `postgresql://` address of a role that may become the readers' roles.
        pool_size: connections of a pool at most; times the number of workers this must stay
            under the server's `max_connections`.
        statement_timeout: seconds that a query may run.
        acquire_timeout: seconds that a request waits for a connection.
    """

    def __init__(
        self, url: str, *, pool_size: int, statement_timeout: float, acquire_timeout: float
    ) -> None:
        self._url = url
        self._pool_size = pool_size
        self._statement_timeout = statement_timeout
        self._acquire_timeout = acquire_timeout
        self._pools: dict[Audience, ConnectionPool] = {}

    async def open(self) -> None:
        """Open the pools.

        Raises:
            DatabaseUnavailable: the database does not answer.
        """
        for audience, role in ROLES.items():
            pool = ConnectionPool(
                partial(self._connect, role), self._pool_size, self._acquire_timeout
            )
            try:
                pool.give(await pool.take())
            except _UNAVAILABLE as error:
                raise DatabaseUnavailable(str(error)) from error
            self._pools[audience] = pool

    async def _connect(self, role: str) -> Any:
        return await asyncpg.connect(
            self._url,
            statement_cache_size=512,
            timeout=10,
            server_settings={
                "role": role,
                "application_name": "dieuhanh",
                "search_path": "public",
                "timezone": "UTC",
                "statement_timeout": str(int(self._statement_timeout * 1000)),
                "default_transaction_read_only": "on",
                # Measured on tile queries: compiling costs more than it saves, and parallel
                # plans prefer a sequential scan to the spatial index.
                "jit": "off",
                "max_parallel_workers_per_gather": "0",
            },
        )

    async def close(self) -> None:
        """Close the pools."""
        for pool in self._pools.values():
            await pool.close()
        self._pools.clear()

    def _pool(self, audience: Audience) -> ConnectionPool:
        pool = self._pools.get(audience)
        if pool is None:
            raise DatabaseUnavailable("the connection pool is not open")
        return pool

    async def fetch(self, query: Sql, audience: Audience = Audience.PUBLIC) -> list[Any]:
        """All rows of a query.

        Raises:
            QueryTooSlow: it ran into the statement time-out.
            DatabaseUnavailable: there is no database, or no free connection in time.
        """
        text, values = query.render()
        return await self.fetch_text(text, values, audience)

    async def fetch_text(
        self, text: str, values: list[Any], audience: Audience = Audience.PUBLIC
    ) -> list[Any]:
        """All rows of SQL that was rendered before; raises as `fetch` does."""
        pool = self._pool(audience)
        try:
            connection = await pool.take()
        except _UNAVAILABLE as error:
            raise DatabaseUnavailable(type(error).__name__) from error
        try:
            rows: list[Any] = await connection.fetch(text, *values)
        except BaseException as error:
            raise _given_up(pool, connection, error) from error
        pool.give(connection)
        return rows

    async def value(self, query: Sql, audience: Audience = Audience.PUBLIC) -> Any:
        """The first column of the first row, or None; raises as `fetch` does."""
        rows = await self.fetch(query, audience)
        return rows[0][0] if rows else None

    async def stream(
        self, query: Sql, audience: Audience = Audience.PUBLIC, batch: int = 1000
    ) -> AsyncIterator[list[Any]]:
        """Rows in batches from a server-side cursor: memory stays flat at any size.

        The time-out counts for each batch, not for the whole. One snapshot serves all of it.

        Raises:
            QueryTooSlow: a batch ran into the statement time-out.
            DatabaseUnavailable: there is no database, or no free connection in time.
        """
        text, values = query.render()
        pool = self._pool(audience)
        try:
            connection = await pool.take()
        except _UNAVAILABLE as error:
            raise DatabaseUnavailable(type(error).__name__) from error
        try:
            async with connection.transaction(readonly=True):
                cursor = await connection.cursor(text, *values)
                while rows := await cursor.fetch(batch):
                    yield rows
        except BaseException as error:
            raise _given_up(pool, connection, error) from error
        pool.give(connection)

    @property
    def url(self) -> str:
        """The address of the database."""
        return self._url

    def in_use(self) -> dict[str, tuple[int, int]]:
        """For each pool: connections open, and idle among them."""
        return {
            audience.name.lower(): (pool.open, pool.idle) for audience, pool in self._pools.items()
        }


def _given_up(pool: ConnectionPool, connection: Any, error: BaseException) -> BaseException:
    """The error to raise after a query did not end well; the connection is given back or dropped.

    A server's error leaves the connection as good as before. Anything else, a client that left
    among it, may leave a query running, so that connection is closed.
    """
    if isinstance(error, asyncpg.PostgresError) and not isinstance(error, _UNAVAILABLE):
        pool.give(connection)
    else:
        pool.drop(connection)
    if isinstance(error, asyncpg.QueryCanceledError):
        return QueryTooSlow()
    if isinstance(error, _UNAVAILABLE):
        return DatabaseUnavailable(type(error).__name__)
    return error
