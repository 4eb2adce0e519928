"""Statements of the server itself: what a deadlock undoes is done in the end."""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg

from layers.database import Database

FIRST, SECOND = 5_230_001, 5_230_002


async def _waited_for(connection: Any) -> None:
    while not await connection.fetchval(  # noqa: ASYNC110 (a lock tells nobody)
        "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = $1"
        " AND NOT granted)",
        FIRST,
    ):
        await asyncio.sleep(0.01)


def test_what_a_deadlock_undoes_is_tried_again(database_url: str) -> None:
    async def meet() -> str:
        other = await asyncpg.connect(database_url)
        database = Database(database_url, pool_size=1, statement_timeout=20, acquire_timeout=5)
        await database.open()
        try:
            async with other.transaction():
                await other.execute("SELECT pg_advisory_xact_lock($1)", FIRST)
                # It has the second lock, and is the first to wait: so it is the one undone.
                work = asyncio.create_task(
                    database.call(
                        "SELECT pg_advisory_xact_lock($1), pg_advisory_xact_lock($2), 'done'",
                        SECOND,
                        FIRST,
                    )
                )
                await _waited_for(other)
                await other.execute("SELECT pg_advisory_xact_lock($1)", SECOND)
            return str((await work)[2])
        finally:
            await database.close()
            await other.close()

    assert asyncio.run(meet()) == "done"
