"""What upkeep does with check-ins: join and show their counts, make days ahead, drop old ones."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

SHOW_EVERY = timedelta(minutes=5)
"""Between two times that today's counts are written to the layers, as each is an edit of them."""
DAYS_AHEAD = 2
"""Days after today whose partitions are there before anybody needs them."""

COUNTER = "system:check-ins"
"""Who writes today's counts to the layers, as the change feed names it."""

_MAKE = "SELECT private.make_check_in_day($1::date + n) FROM generate_series(0, $2::int) AS n"


class Counting:
    """Joins what was recorded to the hours at each round, and shows it now and then.

    Args:
        zone: the name of the province's time zone, in which days begin.
    """

    def __init__(self, zone: str) -> None:
        self._zone = zone
        self._show_at: datetime | None = None

    async def __call__(self, connection: Any) -> None:
        """One round, over a connection in a transaction as the server itself."""
        now = datetime.now(UTC)
        await connection.execute("SELECT private.fold_check_ins()", timeout=60)
        if self._show_at is None or now >= self._show_at:
            await connection.execute(_MAKE, now.date(), DAYS_AHEAD)
            await connection.execute("SELECT private.show_check_ins($1)", self._zone, timeout=60)
            self._show_at = now + SHOW_EVERY


class Purging:
    """Counts the flows of days that are over, and drops days older than they may be kept.

    Args:
        keep_days: after which a day is dropped.
        zone: as of `Counting`.
    """

    def __init__(self, keep_days: float, zone: str) -> None:
        self._keep_days = keep_days
        self._zone = zone

    async def __call__(self, connection: Any) -> None:
        """Once, over a connection in a transaction as the server itself."""
        await connection.execute("SELECT private.settle_check_ins($1)", self._zone, timeout=600)
        await connection.execute(
            "SELECT private.purge_check_ins($1, $2)", self._keep_days, self._zone, timeout=600
        )
