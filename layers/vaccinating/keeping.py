"""What upkeep does with vaccination: tells its numbers, forgets registrations in time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

COUNT_EVERY = timedelta(minutes=5)
"""Between two times that doses are counted, as each changes the layer of points."""

COUNTER = "system:vaccination"
"""Who writes the counts to the layer, as the change feed names it."""

PIECE = 1000
"""Registrations of one transaction of a purge."""


class Counting:
    """Brings the points' numbers and the progress up to date now and then."""

    def __init__(self) -> None:
        self._count_at: datetime | None = None

    async def __call__(self, connection: Any) -> None:
        """One round, over a connection in a transaction as the server itself."""
        now = datetime.now(UTC)
        if self._count_at is None or now >= self._count_at:
            await connection.execute("SELECT private.count_doses()", timeout=120)
            self._count_at = now + COUNT_EVERY


async def purge(connection: Any, *, keep_days: float) -> int:
    """Forget registrations nothing came of and requests refused, unchanged for `keep_days`.

    Args:
        connection: in a transaction as the server itself.

    Returns:
        How many of the more frequent kind; `PIECE` if there may be more.
    """
    purged: int = await connection.fetchval(
        "SELECT private.purge_vaccination($1, $2)", keep_days, PIECE, timeout=300
    )
    return purged
