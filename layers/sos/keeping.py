"""What is kept of requests for help, and for how long: purges, in pieces that lock briefly."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

PIECE = 1000
"""Requests, or files, of one transaction."""
UNCLAIMED = timedelta(hours=1)
"""How long a file that was announced may take to become a photo."""


async def purge(connection: Any, *, keep_days: int) -> int:
    """Purge requests that were closed, or posts that were rejected, more than `keep_days` ago.

    Who reported, what was said and the photos go, and the position becomes the one that everybody
    sees, also in the change feed and the audit trail. The files of the photos go afterwards.

    Args:
        connection: in a transaction as the server itself.

    Returns:
        How many requests; as many as `PIECE` if there may be more.
    """
    purged: int = await connection.fetchval(
        "SELECT private.purge_sos($1, $2)", keep_days, PIECE, timeout=300
    )
    return purged


async def loose_photos(connection: Any) -> list[UUID]:
    """Ids of the photos whose files no request has any more, or has not claimed in time."""
    rows = await connection.fetch(
        "SELECT id FROM private.sos_photo_loose WHERE since < now() - $1::interval"
        " LIMIT $2 FOR UPDATE SKIP LOCKED",
        UNCLAIMED,
        PIECE,
    )
    return [row["id"] for row in rows]


async def forget_photos(connection: Any, photos: Iterable[UUID]) -> None:
    """Forget files that are gone."""
    await connection.execute(
        "DELETE FROM private.sos_photo_loose WHERE id = ANY ($1::uuid[])", list(photos)
    )
