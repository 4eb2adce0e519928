"""The one place that runs SQL for readers: pools by audience, time limits, cancellation."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

from layers.layer import Audience
from spatial.sql import Sql

ROLES = {Audience.PUBLIC: "dieuhanh_public"}
"""The PostgreSQL role that each audience reads as."""


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
        self._pools: dict[Audience, asyncpg.Pool] = {}

    async def open(self) -> None:
        """Open the pools.

        Raises:
            DatabaseUnavailable: the database does not answer.
        """
        for audience, role in ROLES.items():
            try:
                self._pools[audience] = await self._create_pool(role)
            except (OSError, TimeoutError, asyncpg.PostgresError) as error:
                raise DatabaseUnavailable(str(error)) from error

    async def _create_pool(self, role: str) -> asyncpg.Pool:
        async def nothing_to_reset(_: Any) -> None:
            """Readers leave no session state behind; asyncpg's reset costs a round trip."""

        return await asyncpg.create_pool(
            self._url,
            min_size=1,
            max_size=self._pool_size,
            max_inactive_connection_lifetime=60,
            max_queries=1_000_000,
            reset=nothing_to_reset,
            statement_cache_size=512,
            command_timeout=self._statement_timeout + 5,
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
        """Close the pools; queries under way are given up after two seconds."""
        for pool in self._pools.values():
            try:
                await asyncio.wait_for(pool.close(), 2)
            except TimeoutError:
                pool.terminate()
        self._pools.clear()

    @asynccontextmanager
    async def _connection(self, audience: Audience) -> AsyncIterator[Any]:
        pool = self._pools.get(audience)
        if pool is None:
            raise DatabaseUnavailable("the connection pool is not open")
        try:
            async with pool.acquire(timeout=self._acquire_timeout) as connection:
                yield connection
        except asyncpg.QueryCanceledError as error:
            raise QueryTooSlow from error
        except (
            OSError,
            TimeoutError,
            asyncpg.PostgresConnectionError,
            asyncpg.InterfaceError,
            asyncpg.TooManyConnectionsError,
            asyncpg.CannotConnectNowError,
            asyncpg.AdminShutdownError,
            asyncpg.CrashShutdownError,
        ) as error:
            raise DatabaseUnavailable(type(error).__name__) from error

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
        async with self._connection(audience) as connection:
            rows: list[Any] = await connection.fetch(text, *values)
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
        async with self._connection(audience) as connection:
            async with connection.transaction(readonly=True):
                cursor = await connection.cursor(text, *values)
                while rows := await cursor.fetch(batch):
                    yield rows

    @property
    def url(self) -> str:
        """The address of the database."""
        return self._url

    def in_use(self) -> dict[str, tuple[int, int]]:
        """For each pool: connections open, and idle among them."""
        return {
            audience.name.lower(): (pool.get_size(), pool.get_idle_size())
            for audience, pool in self._pools.items()
        }
