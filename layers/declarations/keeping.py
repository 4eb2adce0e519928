"""How long declarations are kept; the counts by commune and day stay."""

from __future__ import annotations

from typing import Any

PIECE = 1000
"""Declarations of one transaction of a purge."""


async def purge(connection: Any, *, keep_days: float) -> int:
    """Remove declarations that came more than `keep_days` ago, with what they raised.

    Args:
        connection: in a transaction as the server itself.

    Returns:
        How many; `PIECE` if there may be more.
    """
    gone: int = await connection.fetchval(
        "SELECT private.purge_declarations($1, $2)", keep_days, PIECE, timeout=300
    )
    return gone
