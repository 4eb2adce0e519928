"""The files of directives: rows as their readers may see them, contents by their hash in a folder.

A file is announced before it is written, and goes when no row names it: no folder is ever searched.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from layers.database import Database
from layers.roles import ANYONE, Caller

LOCK = 7233028
"""Held while rows and files change, so that no file goes that a new row names."""
_ANNOUNCE = """
INSERT INTO dieuhanh.directive_loose (sha256, goes) VALUES ($1, now() + interval '1 hour')
ON CONFLICT (sha256) DO UPDATE SET goes = excluded.goes
"""
_LISTED = """
SELECT f.id, f.directive_id, f.name, f.sha256, f.bytes, f.pages, f.has_text, f.added_at, d.number,
  d.audience = 'public' AS is_public
FROM dieuhanh.directive_file AS f JOIN layer.directives AS d ON d.id = f.directive_id
WHERE {} ORDER BY f.directive_id, f.added_at, f.id
"""


@dataclass(frozen=True, slots=True)
class File:
    """A file of a directive.

    Attributes:
        number: of the directive.
        has_text: whether any page has text; a scanned one has none, and is not searched.
        is_public: whether everybody may read it.
    """

    id: UUID
    directive: int
    name: str
    sha256: str
    bytes: int
    pages: int
    has_text: bool
    added_at: datetime
    number: str
    is_public: bool


@dataclass(frozen=True, slots=True)
class Store:
    """Where files are kept.

    Attributes:
        total_mb: megabytes of all files together, at most.
        most: files of one directive.
    """

    folder: Path
    total_mb: int
    most: int


class NoRoom(Exception):
    """All files together have as many megabytes as they may."""


def path_of(folder: Path, sha256: str) -> Path:
    """The file of that content."""
    return folder / sha256[:2] / f"{sha256}.pdf"


def workshop(folder: Path) -> Path:
    """The folder in which files arrive, on the disk on which they are kept.

    Raises:
        OSError: it cannot be made.
    """
    made = folder / "arriving"
    made.mkdir(parents=True, exist_ok=True, mode=0o700)
    return made


async def listed(
    database: Database, directives: Sequence[int], caller: Caller = ANYONE
) -> dict[int, list[File]]:
    """The files of directives that a caller may read, by the directive's id, the oldest first.

    Raises:
        QueryTooSlow, DatabaseUnavailable: see `Database`.
    """
    text = _LISTED.format("f.directive_id = ANY ($1::bigint[])")
    found: dict[int, list[File]] = {}
    for row in await database.fetch_text(text, [list(directives)], caller):
        found.setdefault(row["directive_id"], []).append(File(*row))
    return found


async def find(database: Database, file: UUID, caller: Caller = ANYONE) -> File | None:
    """The file of that id, if the caller may read it; raises as `listed` does."""
    rows = await database.fetch_text(_LISTED.format("f.id = $1"), [file], caller)
    return File(*rows[0]) if rows else None


async def check(database: Database, directive: int, caller: Caller) -> None:
    """Refuse a caller who may not change a directive's files, before anything costs.

    Raises:
        RuleRefused: there is no such directive, or it is not theirs.
    """
    async with database.acting(caller) as connection:
        await connection.execute("SELECT dieuhanh.check_directive($1)", directive)


async def add(
    database: Database,
    caller: Caller,
    store: Store,
    directive: int,
    name: str,
    arrived: tuple[Path, str],
    texts: Sequence[str],
) -> UUID:
    """Add a file that has arrived in the workshop; the same content again is the same file.

    Args:
        arrived: where it is, and its SHA-256.
        texts: of its pages.

    Raises:
        RuleRefused: the directive is not the caller's to change, or has too many files.
        NoRoom: there is no room for the file.
        OSError: the file cannot be put in its place.
    """
    made, sha256 = arrived
    size = await asyncio.to_thread(lambda: made.stat().st_size)
    await database.call(_ANNOUNCE, sha256)
    async with database.acting(caller) as connection:
        await connection.execute("SELECT pg_advisory_xact_lock_shared($1)", LOCK)
        used = await connection.fetchval(
            "SELECT coalesce(sum(bytes), 0)::int8 FROM dieuhanh.directive_file"
        )
        if used + size > store.total_mb * 1024 * 1024:
            raise NoRoom
        await asyncio.to_thread(_put, made, path_of(store.folder, sha256))
        added: UUID = await connection.fetchval(
            "SELECT dieuhanh.add_directive_file($1, $2, $3, $4, $5, $6)",
            directive, name, sha256, size, list(texts), store.most,
        )  # fmt: skip
    return added


async def remove(database: Database, caller: Caller, directive: int, file: UUID) -> bool:
    """Remove a file from a directive; whether there was one. Its content goes with a sweep.

    Raises:
        RuleRefused: the directive is not the caller's to change.
    """
    async with database.acting(caller) as connection:
        found: bool = await connection.fetchval(
            "SELECT dieuhanh.remove_directive_file($1, $2)", directive, file
        )
    return found


def _put(made: Path, path: Path) -> None:
    """Put a file in its place, whole and on disk."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with made.open("rb") as file:
        os.fsync(file.fileno())
    made.chmod(0o600)
    made.replace(path)


async def sweep(connection: Any, folder: Path, *, keep_days: float) -> int:
    """Remove files of directives that were deleted long ago, and what no row names; how many.

    Args:
        connection: asyncpg's, in a transaction as the server itself.
        keep_days: for which a deletion can be taken back with its files.
    """
    await connection.execute("SELECT pg_advisory_xact_lock($1)", LOCK)
    await connection.execute(
        "DELETE FROM dieuhanh.directive_file"
        " WHERE orphaned_at < now() - make_interval(secs => $1 * 86400)",
        keep_days,
    )
    rows = await connection.fetch(
        "WITH due AS (DELETE FROM dieuhanh.directive_loose WHERE goes <= now() RETURNING sha256)"
        " SELECT sha256 FROM due WHERE NOT EXISTS"
        " (SELECT FROM dieuhanh.directive_file AS f WHERE f.sha256 = due.sha256)"
    )
    gone = [row["sha256"] for row in rows]

    def unlink() -> None:
        for sha256 in gone:
            path_of(folder, sha256).unlink(missing_ok=True)

    await asyncio.to_thread(unlink)
    return len(gone)
