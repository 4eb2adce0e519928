"""The one place that runs SQL for callers: as their role, with time limits, cancellable."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Any

import asyncpg
import orjson

from layers.connections import ConnectionPool
from layers.roles import ANYONE, Caller, Role
from spatial.sql import Sql

_READING, _ACTING = "reading", "acting"
_TRIES = 3
"""Times that a statement is tried which a deadlock undoes."""

_UNAVAILABLE = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.TooManyConnectionsError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    # What a connection says that has been told of the server's end, and is not closed yet.
    asyncpg.InternalClientError,
)


class DatabaseUnavailable(Exception):
    """The database cannot be reached, or all its connections stayed busy for too long."""


class QueryTooSlow(Exception):
    """A query ran into the statement time-out."""


class RuleRefused(Exception):
    """A rule that is kept in the database refuses, and says why to people, in both languages.

    Attributes:
        kind: `forbidden`, `missing`, `conflict` or `invalid`.
        said: the sentence.
        about: what there is to know beside it, such as who was quicker.
    """

    def __init__(self, kind: str, said: str, about: dict[str, Any] | None = None) -> None:
        super().__init__(said)
        self.kind = kind
        self.said = said
        self.about = about or {}


_RULES = {"DH403": "forbidden", "DH404": "missing", "DH409": "conflict", "DH422": "invalid"}
"""The SQLSTATEs with which functions and triggers refuse; their messages are made for people."""


class Database:
    """Two pools: one that reads as the public without a word more, one that acts for accounts.

    Most requests are the public's. The others set role and account for each transaction.

    Args:
        url: a `postgresql://` address of a role that may become the readers' roles.
        pool_size: connections of the public's pool at most; times the number of workers, both
            pools must stay under the server's `max_connections`.
        acting_pool_size: connections of the other.
        statement_timeout: seconds that a query may run.
        acquire_timeout: seconds that a request waits for a connection.
    """

    def __init__(
        self,
        url: str,
        *,
        pool_size: int,
        statement_timeout: float,
        acquire_timeout: float,
        acting_pool_size: int = 4,
    ) -> None:
        self._url = url
        self._sizes = {_READING: pool_size, _ACTING: acting_pool_size}
        self._statement_timeout = statement_timeout
        self._acquire_timeout = acquire_timeout
        self._pools: dict[str, ConnectionPool] = {}

    async def open(self, *, must_answer: bool = True) -> None:
        """Open the pools.

        Args:
            must_answer: if not, a database that is away now is connected to when it is next asked,
                as one that goes away later is.

        Raises:
            DatabaseUnavailable: the database must answer, and does not.
        """
        settings = {
            _READING: {"role": Role.PUBLIC.database_role, "default_transaction_read_only": "on"},
            _ACTING: {},
        }
        for name, own in settings.items():
            pool = ConnectionPool(
                partial(self._connect, own), self._sizes[name], self._acquire_timeout
            )
            try:
                pool.give(await pool.take())
            except _UNAVAILABLE as error:
                if must_answer:
                    raise DatabaseUnavailable(str(error)) from error
            self._pools[name] = pool

    async def _connect(self, own: dict[str, str]) -> Any:
        return await asyncpg.connect(
            self._url,
            statement_cache_size=512,
            timeout=10,
            server_settings={
                **own,
                "application_name": "dieuhanh",
                "search_path": "public",
                "timezone": "UTC",
                "statement_timeout": str(int(self._statement_timeout * 1000)),
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

    def _pool(self, name: str) -> ConnectionPool:
        pool = self._pools.get(name)
        if pool is None:
            raise DatabaseUnavailable("the connection pool is not open")
        return pool

    async def fetch(self, query: Sql, caller: Caller = ANYONE) -> list[Any]:
        """All rows of a query.

        Raises:
            QueryTooSlow: it ran into the statement time-out.
            DatabaseUnavailable: there is no database, or no free connection in time.
        """
        text, values = query.render()
        return await self.fetch_text(text, values, caller)

    async def fetch_text(self, text: str, values: list[Any], caller: Caller = ANYONE) -> list[Any]:
        """All rows of SQL that was rendered before; raises as `fetch` does."""
        if caller.account is not None:
            async with self.acting(caller, read_only=True) as connection:
                return list(await connection.fetch(text, *values))
        pool = self._pool(_READING)
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

    async def value(self, query: Sql, caller: Caller = ANYONE) -> Any:
        """The first column of the first row, or None; raises as `fetch` does."""
        rows = await self.fetch(query, caller)
        return rows[0][0] if rows else None

    async def call(self, text: str, *values: Any) -> Any:
        """The first row of one statement as the server itself, in one round trip; None if none.

        It is a transaction of its own, committed when this returns; what the database rolls back
        in a deadlock is tried again. Raises as `acting` does.
        """
        return await self._call("fetchrow", text, values)

    async def call_all(self, text: str, *values: Any) -> list[Any]:
        """As `call`, all rows."""
        rows: list[Any] = await self._call("fetch", text, values)
        return rows

    async def _call(self, method: str, text: str, values: tuple[Any, ...]) -> Any:
        pool = self._pool(_ACTING)
        try:
            connection = await pool.take()
        except _UNAVAILABLE as error:
            raise DatabaseUnavailable(type(error).__name__) from error
        try:
            found = await _tried(partial(getattr(connection, method), text, *values))
        except BaseException as error:
            raise _given_up(pool, connection, error) from error
        pool.give(connection)
        return found

    @asynccontextmanager
    async def acting(self, caller: Caller, *, read_only: bool = False) -> AsyncIterator[Any]:
        """A connection in a transaction that acts for a caller, as the caller's database role.

        It commits at the end of the block, and rolls back if the block raises. What the role may
        not do, PostgreSQL refuses (`asyncpg.InsufficientPrivilegeError`); the change feed names
        the account.

        Raises:
            RuleRefused: a rule in the database refuses, in words for people.
            QueryTooSlow: a statement ran into the time-out.
            DatabaseUnavailable: there is no database, or no free connection in time.
        """
        async with self._transaction(read_only) as connection:
            await connection.execute(
                "SELECT set_config('role', $1, true), set_config('dieuhanh.account', $2, true)",
                caller.role.database_role,
                "" if caller.account is None else str(caller.account),
            )
            yield connection

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[Any]:
        """A connection in a transaction as the server itself, for accounts and private tables.

        Raises as `acting` does.
        """
        async with self._transaction(read_only=False) as connection:
            yield connection

    @asynccontextmanager
    async def _transaction(self, read_only: bool) -> AsyncIterator[Any]:
        pool = self._pool(_ACTING)
        try:
            connection = await pool.take()
        except _UNAVAILABLE as error:
            raise DatabaseUnavailable(type(error).__name__) from error
        try:
            async with connection.transaction(readonly=read_only):
                yield connection
        except _UNAVAILABLE as error:
            raise _given_up(pool, connection, error) from error
        except asyncpg.QueryCanceledError as error:
            raise _given_up(pool, connection, error) from error
        except Exception as error:
            # Rolled back, whatever the block raised; the connection is as good as before.
            pool.give(connection)
            refused = _rule(error)
            if refused is not None:
                raise refused from error
            raise
        except BaseException:
            pool.drop(connection)
            raise
        pool.give(connection)

    async def stream(
        self, query: Sql, caller: Caller = ANYONE, batch: int = 1000
    ) -> AsyncIterator[list[Any]]:
        """Rows in batches from a server-side cursor: memory stays flat at any size.

        The time-out counts for each batch, not for the whole. One snapshot serves all of it.

        Raises:
            QueryTooSlow: a batch ran into the statement time-out.
            DatabaseUnavailable: there is no database, or no free connection in time.
        """
        text, values = query.render()
        if caller.account is not None:
            async with self.acting(caller, read_only=True) as connection:
                cursor = await connection.cursor(text, *values)
                while rows := await cursor.fetch(batch):
                    yield rows
            return
        pool = self._pool(_READING)
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
        return {name: (pool.open, pool.idle) for name, pool in self._pools.items()}


async def _tried(work: Callable[[], Awaitable[Any]]) -> Any:
    """What one statement finds, tried again where a deadlock undid it."""
    for _ in range(_TRIES - 1):
        with suppress(asyncpg.DeadlockDetectedError):
            return await work()
    return await work()


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
    return _rule(error) or error


def _rule(error: BaseException) -> RuleRefused | None:
    """The refusal of a rule that an error of the database is, if it is one."""
    kind = _RULES.get(getattr(error, "sqlstate", None) or "")
    if kind is None:
        return None
    detail = getattr(error, "detail", None)
    about = orjson.loads(detail) if detail else None
    return RuleRefused(kind, getattr(error, "message", None) or str(error), about)
