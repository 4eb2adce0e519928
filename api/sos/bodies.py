"""Bodies of requests, of bounded size: a JSON object, or a form with photos."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Message

from api.problems import Problem
from api.settings import Settings

JSON_BYTES = 65_536
"""Bytes of a JSON body at most."""
PHOTO_FIELDS = ("photos", "photo", "photos[]")


async def read_json(
    request: Request, *, may_be_empty: bool = False, most: int = JSON_BYTES
) -> dict[str, Any]:
    """The JSON object of a body; of an empty one, where that may be, an empty object.

    Args:
        most: bytes of the body at most.

    Raises:
        Problem: 413 if it is too long, 415 if it is no JSON by its type, 400 if it is no object.
    """
    kind = request.headers.get("content-type", "application/json").partition(";")[0].strip()
    if kind.lower() not in ("application/json", "application/merge-patch+json", ""):
        raise Problem(415, f"{kind!r} is not read here; send application/json.")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            raise Problem(413, f"The body is longer than {most} bytes.")
    if may_be_empty and not body:
        return {}
    try:
        found = orjson.loads(bytes(body))
    except orjson.JSONDecodeError as error:
        raise Problem(400, f"The body is not JSON: {error.msg}.") from None
    if not isinstance(found, dict):
        raise Problem(400, "The body must be a JSON object.")
    return found


async def read_fields(request: Request) -> tuple[Mapping[str, Any], list[bytes]]:
    """The fields and the photos of a body, JSON or multipart.

    Raises:
        Problem: as `read_json`; 413 also for too many photos or too large ones.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "multipart/form-data":
        return await read_json(request), []
    return await _read_form(request)


async def _read_form(request: Request) -> tuple[dict[str, Any], list[bytes]]:
    settings: Settings = request.app.state.services.settings
    largest = settings.sos_photo_mb * 1_048_576
    bounded = _bounded(request, settings.sos_photos * largest + 2 * JSON_BYTES)
    fields: dict[str, Any] = {}
    photos = []
    try:
        async with bounded.form(
            max_files=settings.sos_photos, max_fields=64, max_part_size=JSON_BYTES
        ) as form:
            for name, value in form.multi_items():
                if isinstance(value, UploadFile):
                    if name not in PHOTO_FIELDS:
                        raise Problem(400, f"A file is not expected in the field {name!r}.")
                    if (value.size or 0) > largest:
                        raise Problem(
                            413, f"A photo is larger than {settings.sos_photo_mb} megabytes."
                        )
                    photos.append(await value.read())
                elif name == "needs" and name in fields:
                    known = fields[name]
                    fields[name] = [*(known if isinstance(known, list) else [known]), value]
                else:
                    fields[name] = value
    except HTTPException as error:
        # What the parser of forms finds: too many parts, or no form at all.
        too_many = "Too many" in str(error.detail)
        raise Problem(
            413 if too_many else 400, f"The form cannot be read: {error.detail}"
        ) from None
    return fields, [photo for photo in photos if photo]


def _bounded(request: Request, most: int) -> Request:
    taken = 0

    async def receive() -> Message:
        nonlocal taken
        message = await request.receive()
        taken += len(message.get("body", b""))
        if taken > most:
            raise Problem(413, f"The body is longer than {most} bytes.")
        return message

    return Request(request.scope, receive)
