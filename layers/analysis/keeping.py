"""What workers do for jobs: remove those that have expired, see whether some are left to do."""

from __future__ import annotations

from typing import Any

UNFINISHED = ("accepted", "running")


async def purge(connection: Any) -> None:
    """Remove jobs that have expired, with their results.

    Args:
        connection: asyncpg's, as the server itself.
    """
    await connection.execute("DELETE FROM private.analysis_job WHERE expires <= now()")


async def is_left(connection: Any) -> bool:
    """Whether jobs wait, or were interrupted."""
    found: bool = await connection.fetchval(
        "SELECT EXISTS (SELECT FROM private.analysis_job WHERE status = ANY($1))", list(UNFINISHED)
    )
    return found
