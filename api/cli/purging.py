"""Removing by command what the server removes by itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any


async def in_pieces(connection: Any, remove: Callable[[Any], Awaitable[int]], most: int) -> int:
    """Remove piece by piece, each in a transaction of its own; how much there was.

    Args:
        connection: as the server itself.
        remove: removes a piece and says how much it was.
        most: of a piece; there is no more once one is smaller.
    """
    gone = 0
    while True:
        async with connection.transaction():
            piece = await remove(connection)
        gone += piece
        if piece < most:
            return gone
