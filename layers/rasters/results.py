"""Keeping the result of a job as a raster."""

from __future__ import annotations

from uuid import UUID

import orjson

from layers.database import Database
from layers.rasters import rows
from layers.rasters.raster import Entry
from layers.rasters.registry import GEOTIFF, Store, hash_of_result, keep
from layers.roles import Caller
from spatial.errors import BadInput

_FIND = """
SELECT media_type, summary::text, result FROM private.analysis_job
WHERE id = $1 AND status = 'successful' AND expires > now()
  AND (account_id IS NULL OR account_id = $2)
"""


async def keep_job(
    database: Database, store: Store, job: UUID, entry: Entry, caller: Caller
) -> bool:
    """Keep what a job of the caller's, or of the public's, gave; False: there is no such job.

    Raises:
        BadInput: the result is no raster, the id is taken, or there is no room.
        OSError: the file cannot be written.
        QueryTooSlow, DatabaseUnavailable: see `Database`.
    """
    row = await database.call(_FIND, job, caller.account)
    if row is None:
        return False
    if row["media_type"] != GEOTIFF:
        raise BadInput(
            f"the job's result is {row['media_type']}, no raster",
            f"kết quả của tác vụ là {row['media_type']}, không phải raster",
        )
    body, summary = bytes(row["result"]), orjson.loads(row["summary"])
    await database.call(rows.ANNOUNCE, hash_of_result(body))
    async with database.serving() as connection:
        await keep(connection, store, entry, body, summary, caller.login)
    return True
