"""What is known of photos; the pictures themselves are files."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from layers.database import Database

# One more than the limit is never kept, however many requests add at once: the report is locked.
ADD = """
WITH report AS MATERIALIZED (
  SELECT request_id FROM private.sos_report WHERE request_id = $1 AND purged_at IS NULL FOR UPDATE
), room AS (
  SELECT request_id FROM report
  WHERE (SELECT count(*) FROM private.sos_photo AS p WHERE p.request_id = report.request_id) < $7
), added AS (
  INSERT INTO private.sos_photo (id, request_id, source_hash, bytes, width, height)
  SELECT $2::uuid, request_id, $3::bytea, $4::int, $5::int, $6::int FROM room
  ON CONFLICT (request_id, source_hash) DO NOTHING RETURNING id
), fast AS (
  DELETE FROM private.sos_photo_loose WHERE id IN (SELECT id FROM added)
)
SELECT id, true AS is_new FROM added
UNION ALL
SELECT id, false FROM private.sos_photo WHERE request_id = $1 AND source_hash = $3
LIMIT 1
"""


async def known(database: Database, request: UUID, source_hash: bytes) -> UUID | None:
    """The photo that was made from the same file before, if any."""
    row = await database.call(
        "SELECT id FROM private.sos_photo WHERE request_id = $1 AND source_hash = $2",
        request,
        source_hash,
    )
    return None if row is None else row["id"]


async def announce(database: Database, photo: UUID) -> None:
    """Note that a file is about to be written: if nothing more is heard of it, it goes."""
    await database.call("INSERT INTO private.sos_photo_loose (id) VALUES ($1)", photo)


async def add(
    database: Database,
    request: UUID,
    photo: UUID,
    source_hash: bytes,
    size: tuple[int, int, int],
    most: int,
) -> Any:
    """Note a photo whose file is written; the row says which counts, or None: there are enough.

    Args:
        size: bytes, width and height.
        most: photos of one request.
    """
    return await database.call(ADD, request, photo, source_hash, *size, most)
