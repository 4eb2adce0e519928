"""What a client sends to sign in or to change accounts: a small JSON object or form."""

from __future__ import annotations

from collections.abc import Mapping
from secrets import compare_digest
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import orjson
from starlette.requests import Request

from api.callers import session_of
from api.problems import Problem
from api.services import services

MAXIMUM = 16 * 1024
"""Bytes of a body."""
FORM = "application/x-www-form-urlencoded"
JSON = "application/json"


async def fields(request: Request) -> dict[str, list[str]]:
    """The fields of a JSON object or a form; each has one or more values.

    Raises:
        Problem: 400, 413 or 415, the body is neither, too long or not well-formed.
    """
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media not in (FORM, JSON):
        raise Problem(415, f"Content-Type must be {JSON} or {FORM}.")
    body = await _read(request)
    try:
        if media == FORM:
            found: dict[str, list[str]] = {}
            pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=200)
            for name, value in pairs:
                found.setdefault(name, []).append(value)
        else:
            found = _members(orjson.loads(body))
    except ValueError:
        raise Problem(400, f"The body is not well-formed {media}.") from None
    if any("\x00" in value for values in found.values() for value in values):
        raise Problem(400, "The body holds a NUL character.")
    return found


def _members(read: Any) -> dict[str, list[str]]:
    if not isinstance(read, Mapping):
        raise Problem(400, "The body must be a JSON object.")
    found: dict[str, list[str]] = {}
    for name, value in read.items():
        values = value if isinstance(value, list) else [value]
        if not all(isinstance(one, str) for one in values):
            raise Problem(400, f"{name}: must be a string.")
        found[name] = values
    return found


async def _read(request: Request) -> bytes:
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > MAXIMUM:
            raise Problem(413, f"The body must not be longer than {MAXIMUM} bytes.")
    return bytes(body)


def one(found: Mapping[str, list[str]], name: str) -> str:
    """The value of a field that is there once, or nothing."""
    values = found.get(name, [""])
    if len(values) != 1:
        raise Problem(400, f"{name}: must be given once.")
    return values[0]


def require_own_origin(request: Request) -> None:
    """Refuse what a page of another site sends: it would sign somebody in as somebody else.

    Raises:
        Problem: 403.
    """
    sent = request.headers.get("origin")
    if sent is None:
        return
    public = services(request).settings.public_url
    own = {request.headers.get("host", ""), urlsplit(public).netloc if public else ""}
    if urlsplit(sent).netloc not in own - {""}:
        raise Problem(403, "Signing in works from pages of this site only.")


def require_token(request: Request, found: Mapping[str, list[str]]) -> None:
    """Check the token against forged requests in a form's field `csrf`.

    Raises:
        Problem: 403.
    """
    session = session_of(request)
    if session is None or not compare_digest(one(found, "csrf").encode(), session.csrf.encode()):
        raise Problem(403, "The form is not of this session; open the page again.")


def local_path(text: str) -> str:
    """Where to go after signing in: a path of this site, else its start."""
    is_path = text.startswith("/") and not text.startswith(("//", "/\\"))
    return text if is_path and text.isprintable() and len(text) < 2000 else "/"
