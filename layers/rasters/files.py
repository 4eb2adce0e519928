"""The files of rasters: put in place whole or not at all, and removed when no row names them."""

from __future__ import annotations

import asyncio
import hashlib
import os
from pathlib import Path
from typing import Any

from layers.rasters import rows
from layers.rasters.raster import path_of


def hash_of(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def workshop(folder: Path) -> Path:
    """The folder in which files are made, on the disk on which they are kept.

    Raises:
        OSError: it cannot be made.
    """
    made = folder / "making"
    made.mkdir(parents=True, exist_ok=True, mode=0o750)
    return made


def put(folder: Path, made: Path, sha256: str) -> Path:
    """Put a finished file in its place; one of the same content is left as it is.

    Raises:
        OSError: it cannot be put there.
    """
    path = path_of(folder, sha256)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o750)
    with made.open("rb") as file:
        os.fsync(file.fileno())
    made.chmod(0o640)
    made.replace(path)
    return path


def put_bytes(folder: Path, body: bytes) -> str:
    """Put a file of that content in its place; its hash.

    Raises:
        OSError: it cannot be written.
    """
    sha256 = hashlib.sha256(body).hexdigest()
    made = workshop(folder) / f"{sha256}.{os.getpid()}.part"
    try:
        made.write_bytes(body)
        put(folder, made, sha256)
    finally:
        made.unlink(missing_ok=True)
    return sha256


async def sweep(connection: Any, folder: Path) -> int:
    """Remove rasters that have expired, and files whose time has come; how many files.

    Args:
        connection: asyncpg's, in a transaction as the server itself.
    """
    await rows.lock(connection)
    await rows.forget(connection)
    gone = await rows.take_loose(connection)
    await asyncio.to_thread(_remove, folder, gone)
    return len(gone)


def _remove(folder: Path, hashes: list[str]) -> None:
    for sha256 in hashes:
        path_of(folder, sha256).unlink(missing_ok=True)
