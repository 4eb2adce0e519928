"""What workers do for jobs and kept results: remove what has expired, see what is left to do."""

from __future__ import annotations

from typing import Any

PURGE_RESULTS = """
    SELECT private.drop_results(array_agg(id)) FROM dieuhanh.analysis_result
    WHERE expires <= now() HAVING count(*) > 0
"""
UNFINISHED = ("accepted", "running")


async def purge(connection: Any) -> None:
    """Remove jobs and kept results that have expired, these with their features.

    Args:
        connection: asyncpg's, as the server itself.
    """
    await connection.execute("DELETE FROM private.analysis_job WHERE expires <= now()")
    await connection.execute("SET LOCAL dieuhanh.bulk = 'on'")
    await connection.execute(PURGE_RESULTS, timeout=300)


async def is_left(connection: Any) -> bool:
    """Whether jobs wait, or were interrupted."""
    found: bool = await connection.fetchval(
        "SELECT EXISTS (SELECT FROM private.analysis_job WHERE status = ANY($1))", list(UNFINISHED)
    )
    return found
