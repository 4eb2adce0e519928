"""How long requests for tracing and contacts of devices are kept; who looked is kept for good."""

from __future__ import annotations

from typing import Any

PIECE = 50
"""Requests of one transaction of a purge."""


async def purge(connection: Any, *, keep_days: float, proximity_days: float) -> int:
    """Remove requests that ended more than `keep_days` ago with all they found.

    Contacts of devices go when they are `proximity_days` old, as check-ins do.

    Args:
        connection: in a transaction as the server itself.

    Returns:
        How many requests; `PIECE` if there may be more.
    """
    gone: int = await connection.fetchval(
        "SELECT private.purge_traces($1, $2, $3)", keep_days, proximity_days, PIECE, timeout=300
    )
    return gone
