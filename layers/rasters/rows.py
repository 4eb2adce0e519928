"""The rows of rasters, as their readers may see them; and adding and removing one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import orjson

from layers.database import Database
from layers.layer import Text
from layers.rasters.raster import Entry, Raster, is_id
from layers.roles import ANYONE, Caller
from spatial.errors import BadInput
from spatial.rasters.colours import Style
from spatial.rasters.facts import Facts

LOCK = 7233011
"""Held while rows and files of rasters change, so that no file goes that a new row names."""

ANNOUNCE = """
INSERT INTO dieuhanh.raster_loose (sha256, goes) VALUES ($1, now() + interval '1 hour')
ON CONFLICT (sha256) DO UPDATE SET goes = excluded.goes
"""
"""Says that a file of that hash is about to be written: in a transaction of its own, before."""
_COLUMNS = (
    "id, title_vi, title_en, description_vi, description_en, unit, facts::text, style::text,"
    " source, licence, sha256, bytes, provenance::text, is_public, created, created_by, expires"
)
_LISTED = (
    f"SELECT {_COLUMNS} FROM dieuhanh.raster WHERE expires IS NULL OR expires > now() ORDER BY id"
)
FIND = (
    f"SELECT {_COLUMNS} FROM dieuhanh.raster WHERE id = {{}}"
    " AND (expires IS NULL OR expires > now())"
)
"""One row; its place is for the id."""
_ADD = """
INSERT INTO dieuhanh.raster (id, title_vi, title_en, description_vi, description_en, unit, facts,
  style, source, licence, sha256, bytes, provenance, is_public, expires, created_by)
VALUES ($1, $2, $3, $4, $5, $6, $7::jsonb, $8::jsonb, $9, $10, $11, $12, $13::jsonb, $14, $15,
  coalesce(nullif($16, ''), dieuhanh.actor()))
ON CONFLICT (id) DO NOTHING RETURNING id
"""


async def listed(database: Database, caller: Caller = ANYONE) -> list[Raster]:
    """All rasters that a caller may see, by their ids.

    Raises:
        QueryTooSlow, DatabaseUnavailable: see `Database`.
    """
    return [raster_of(row) for row in await database.fetch_text(_LISTED, [], caller)]


async def find(database: Database, name: str, caller: Caller = ANYONE) -> Raster | None:
    """The raster of that id, if the caller may see it; raises as `listed` does."""
    if not is_id(name):
        return None
    rows = await database.fetch_text(FIND.format("$1"), [name], caller)
    return raster_of(rows[0]) if rows else None


def raster_of(row: Any) -> Raster:
    """The raster of a row, its JSON as text."""
    return Raster(
        id=row[0],
        title=Text(row[1], row[2]),
        description=Text(row[3], row[4]),
        unit=row[5],
        facts=Facts.from_json(orjson.loads(row[6])),
        style=Style.from_json(orjson.loads(row[7])),
        source=row[8],
        licence=row[9],
        sha256=row[10],
        bytes=row[11],
        provenance=None if row[12] is None else orjson.loads(row[12]),
        is_public=row[13],
        created=row[14],
        created_by=row[15],
        expires=row[16],
    )


async def lock(connection: Any) -> None:
    """Let nobody else change rasters until this transaction of asyncpg's ends."""
    await connection.execute("SELECT pg_advisory_xact_lock($1)", LOCK)


async def used(connection: Any) -> int:
    """The bytes of all files together."""
    total: int = await connection.fetchval(
        "SELECT coalesce(sum(bytes), 0)::bigint FROM"
        " (SELECT DISTINCT sha256, bytes FROM dieuhanh.raster) AS f"
    )
    return total


async def add(
    connection: Any, entry: Entry, facts: Facts, style: Style, sha256: str, size: int, who: str = ""
) -> None:
    """Write the row of a raster whose file is there.

    Args:
        connection: asyncpg's, in a transaction as the server itself that holds the lock.
        who: the account that adds it; empty: whom the database says.

    Raises:
        BadInput: there is one of that id.
    """
    provenance = None if entry.provenance is None else orjson.dumps(entry.provenance).decode()
    made = await connection.fetchval(
        _ADD,
        entry.id,
        entry.title.vi,
        entry.title.en,
        entry.description.vi,
        entry.description.en,
        entry.unit,
        orjson.dumps(facts.to_json()).decode(),
        orjson.dumps(style.to_json()).decode(),
        entry.source,
        entry.licence,
        sha256,
        size,
        provenance,
        entry.is_public,
        entry.expires,
        who,
    )
    if made is None:
        raise BadInput(
            f"there is a raster '{entry.id}' already; remove it first",
            f"đã có raster '{entry.id}'; hãy xóa trước",
        )
    await connection.execute("DELETE FROM dieuhanh.raster_loose WHERE sha256 = $1", sha256)


async def remove(connection: Any, name: str) -> bool:
    """Remove the row of a raster; whether there was one. Its file goes with the next sweep."""
    return (
        await connection.fetchval("DELETE FROM dieuhanh.raster WHERE id = $1 RETURNING id", name)
        is not None
    )


async def forget(connection: Any, now: datetime | None = None) -> None:
    """Remove the rows of rasters that have expired."""
    await connection.execute(
        "DELETE FROM dieuhanh.raster WHERE expires <= coalesce($1, now())", now
    )


async def take_loose(connection: Any) -> list[str]:
    """The hashes of files whose time has come and that no row names; they are forgotten.

    Args:
        connection: asyncpg's, in a transaction as the server itself that holds the lock.
    """
    found = await connection.fetch(
        "WITH due AS (DELETE FROM dieuhanh.raster_loose WHERE goes <= now() RETURNING sha256)"
        " SELECT sha256 FROM due WHERE NOT EXISTS"
        " (SELECT FROM dieuhanh.raster AS r WHERE r.sha256 = due.sha256)"
    )
    return [row["sha256"] for row in found]


async def everything(connection: Any) -> list[Raster]:
    """All rasters, also those for staff, by their ids, over a connection as the server itself."""
    return [raster_of(row) for row in await connection.fetch(_LISTED)]
