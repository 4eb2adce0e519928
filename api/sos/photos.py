"""Photos: made small, made anew without what cameras write into them, kept as files."""

from __future__ import annotations

import asyncio
import contextlib
import io
import os
import warnings
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from PIL import Image, ImageOps, UnidentifiedImageError

from api.services import Services
from layers.sos import keeping
from layers.sos import photos as stored

QUALITY = 82
MOST_PIXELS = 60_000_000
"""Pixels of a photo at most: a small file may claim to be a huge picture."""
FORMATS = ("JPEG", "PNG", "WEBP")
_working = asyncio.Semaphore(1)
"""One at a time in each worker: the other core is for those who post without photos."""


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture made anew."""

    data: bytes
    width: int
    height: int


class NotAPhoto(ValueError):
    """The file is no picture that is read here."""


def path_of(folder: Path, photo: UUID) -> Path:
    """The file of a photo."""
    name = str(photo)
    return folder / name[:2] / f"{name}.jpg"


def encode(data: bytes, edge: int) -> Photo:
    """The picture as JPEG: upright, `edge` pixels at most, with no metadata at all.

    Raises:
        NotAPhoto: it is no JPEG, PNG or WebP, is broken, or has too many pixels.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=FORMATS) as opened:
                if opened.width * opened.height > MOST_PIXELS:
                    raise NotAPhoto(f"it has more than {MOST_PIXELS} pixels")
                opened.draft("RGB", (edge, edge))
                picture = ImageOps.exif_transpose(opened).convert("RGB")
    except NotAPhoto:
        raise
    except (
        UnidentifiedImageError, Image.DecompressionBombError, Image.DecompressionBombWarning,
        OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError,
    ):  # fmt: skip
        raise NotAPhoto("it is no JPEG, PNG or WebP picture, or it is broken") from None
    picture.thumbnail((edge, edge))
    out = io.BytesIO()
    # A new picture of the pixels alone: nothing the camera wrote comes along.
    bare = Image.new("RGB", picture.size)
    bare.paste(picture)
    bare.save(out, "JPEG", quality=QUALITY, optimize=True)
    return Photo(out.getvalue(), bare.width, bare.height)


async def keep(served: Services, request: UUID | str, pictures: list[bytes]) -> dict[str, Any]:
    """Keep the photos of a request, each file once.

    A file that is no photo is named in the answer, and stops nothing: the request is on disk.
    """
    kept, refused = [], []
    request = UUID(str(request))
    for number, data in enumerate(pictures):
        try:
            kept.append(str(await _keep_one(served, request, data)))
        except NotAPhoto as error:
            refused.append({"field": f"photos[{number}]", "vi": _vietnamese(), "en": str(error)})
    found: dict[str, Any] = {"photos": kept}
    if refused:
        found["refused"] = refused
    return found


def _vietnamese() -> str:
    return "Không nhận được ảnh này: cần tệp JPEG, PNG hoặc WebP, và không quá số ảnh cho phép."


async def _keep_one(served: Services, request: UUID, data: bytes) -> UUID:
    settings = served.settings
    source = sha256(data).digest()
    before = await stored.known(served.database, request, source)
    if before is not None:
        return before
    async with _working:
        photo = await asyncio.to_thread(encode, data, settings.sos_photo_edge)
    name = uuid4()
    path = path_of(settings.photos, name)
    await stored.announce(served.database, name)
    await asyncio.to_thread(_write, path, photo.data)
    size = (len(photo.data), photo.width, photo.height)
    row = await stored.add(served.database, request, name, source, size, settings.sos_photos)
    if row is None or not row["is_new"]:
        await asyncio.to_thread(remove, path)
    if row is None:
        raise NotAPhoto(f"a request has {settings.sos_photos} photos at most")
    return UUID(str(row["id"]))


def _write(path: Path, data: bytes) -> None:
    """Write a file for this account alone, on disk when it returns."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    half = path.with_suffix(".part")
    descriptor = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    half.replace(path)


def remove(path: Path) -> None:
    """Delete a file that may be gone already, or may be half written."""
    for one in (path, path.with_suffix(".part")):
        with contextlib.suppress(FileNotFoundError):
            one.unlink()


async def remove_loose(connection: Any, folder: Path) -> int:
    """Delete the files of photos that were purged, and those that a crash has left; how many.

    Args:
        connection: in a transaction as the server itself; others that remove leave these alone.
        folder: of the photos.
    """
    names = await keeping.loose_photos(connection)

    def unlink() -> None:
        for name in names:
            remove(path_of(folder, name))

    await asyncio.to_thread(unlink)
    await keeping.forget_photos(connection, names)
    return len(names)
