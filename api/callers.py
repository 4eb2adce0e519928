"""Who makes a request, as the sign-in has found out before any handler runs."""

from __future__ import annotations

from collections.abc import Iterable

from starlette.requests import Request

from layers.credentials import Session
from layers.roles import ANYONE, Caller

SCOPE_KEY = "dieuhanh.caller"
SESSION_KEY = "dieuhanh.session"
COOKIE = "dieuhanh_session"
"""The cookie that holds a session's token."""
_COOKIE = f"{COOKIE}=".encode()


def caller_of(request: Request) -> Caller:
    """The caller; the public where nobody signed in."""
    found: Caller = request.scope.get(SCOPE_KEY, ANYONE)
    return found


def session_of(request: Request) -> Session | None:
    """The session whose cookie came with a request, if it has not ended."""
    found: Session | None = request.scope.get(SESSION_KEY)
    return found


def credentials(headers: Iterable[tuple[bytes, bytes]]) -> tuple[bytes | None, str | None]:
    """What a request shows of itself: the header `Authorization`, and the session's token."""
    authorization: bytes | None = None
    token: str | None = None
    for name, value in headers:
        if name == b"authorization":
            authorization = value
        elif name == b"cookie" and _COOKIE in value:
            for part in value.split(b";"):
                if part.strip().startswith(_COOKIE):
                    token = part.strip()[len(_COOKIE) :].decode("latin-1")
    return authorization, token


def has_credentials(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """Whether a request shows who makes it, rightly or not."""
    return credentials(headers) != (None, None)
