"""Adding rasters: a file that somebody brings, or the result of a process."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from layers.rasters import files, rows
from layers.rasters.raster import Entry
from spatial.errors import BadInput
from spatial.rasters.colours import Style
from spatial.rasters.facts import Facts

SUMMARY = "raster"
"""The member of a result's summary that says what its GeoTIFF is like."""
GEOTIFF = "image/tiff; application=geotiff; profile=cloud-optimized"
MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Store:
    """Where files are kept.

    Attributes:
        total_mb: megabytes of all files together, at most.
    """

    folder: Path
    total_mb: int


async def register(
    connection: Any, store: Store, made: Path, entry: Entry, facts: Facts, style: Style
) -> None:
    """Add a raster whose file has just been made in the store's workshop.

    Args:
        connection: asyncpg's, as the server itself, in no transaction.

    Raises:
        BadInput: there is one of that id, or no room for the file.
        OSError: the file cannot be put in its place.
    """
    size = await asyncio.to_thread(lambda: made.stat().st_size)
    sha256 = await asyncio.to_thread(files.hash_of, made)
    await connection.execute(rows.ANNOUNCE, sha256)
    async with connection.transaction():
        await rows.lock(connection)
        await _make_room(connection, store, size)
        await rows.add(connection, entry, facts, style, sha256, size)
        await asyncio.to_thread(files.put, store.folder, made, sha256)


def hash_of_result(body: bytes) -> str:
    """What to announce (`rows.ANNOUNCE`) before a result is kept."""
    return hashlib.sha256(body).hexdigest()


async def keep(
    connection: Any,
    store: Store,
    entry: Entry,
    body: bytes,
    summary: Mapping[str, Any],
    who: str = "",
) -> None:
    """Keep the GeoTIFF that a process of ours gave as a raster, with how it was made.

    Its unit is the result's. What was made of data that only staff may read is for staff alone.

    Args:
        connection: asyncpg's, in a transaction as the server itself; the file was announced before.
        body: the result of a job whose media type is `GEOTIFF`.
        summary: the job's, which says what the file is like.
        who: the account that keeps it.

    Raises:
        BadInput: there is one of that id, or no room for it.
        OSError: the file cannot be written.
    """
    about = summary.get(SUMMARY)
    if about is None:
        raise BadInput("the result is no raster", "kết quả không phải là raster")
    facts, style = Facts.from_json(about["facts"]), Style.from_json(about["style"])
    provenance = summary["provenance"]
    entry = replace(
        entry,
        unit=about["unit"],
        provenance=provenance,
        is_public=provenance["audience"] == "public",
    )
    await rows.lock(connection)
    await _make_room(connection, store, len(body))
    await rows.add(connection, entry, facts, style, hash_of_result(body), len(body), who)
    await asyncio.to_thread(files.put_bytes, store.folder, body)


async def _make_room(connection: Any, store: Store, size: int) -> None:
    most = store.total_mb * MEGABYTE
    taken = await rows.used(connection)
    if taken + size > most:
        raise BadInput(
            f"all rasters together may have {store.total_mb} MB (DIEUHANH_RASTERS_MB); with this"
            f" one they would have {(taken + size) / MEGABYTE:.0f}",
            f"tất cả raster được tối đa {store.total_mb} MB (DIEUHANH_RASTERS_MB); thêm raster này"
            f" sẽ là {(taken + size) / MEGABYTE:.0f} MB",
        )
