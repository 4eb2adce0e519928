"""Who asks: the caller from an API key, HTTP Basic or a session's cookie, before any handler.

Without any of these a request is the public's, and costs nothing here. Whatever a caller may do
is decided by PostgreSQL; here is only decided who it is, that a key for reading changes nothing,
and that a browser's change was meant (a cookie is sent by itself, a header is not).
"""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from hashlib import sha256

from starlette.types import ASGIApp, Receive, Scope, Send

from api.addresses import client_address
from api.callers import SCOPE_KEY, SESSION_KEY, credentials
from api.problems import Problem
from api.services import Services
from layers import accounts, attempts
from layers import credentials as proofs
from layers.database import DatabaseUnavailable
from layers.roles import Caller

CSRF_HEADER = b"x-csrf-token"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
REMEMBERED = 1024
"""Right passwords remembered at most, each as a keyed hash."""
_REALM = 'realm="Dieuhanh", charset="UTF-8"'


def challenge(detail: str, error: str = "", *, basic: bool = True) -> Problem:
    """The answer 401, with the ways to sign in (RFC 6750, RFC 7617)."""
    bearer = f'Bearer realm="Dieuhanh"{f", error={error!r}" if error else ""}'.replace("'", '"')
    ways = f"{bearer}, Basic {_REALM}" if basic else bearer
    return Problem(401, detail, headers={"WWW-Authenticate": ways})


def too_many(error: attempts.TooManyAttempts) -> Problem:
    """The answer 429 after too many failures."""
    return Problem(
        429,
        f"Too many attempts to sign in have failed; try again in {error.seconds} seconds.",
        headers={"Retry-After": str(error.seconds)},
    )


class Identify:
    """ASGI middleware inside `Observe`; see the module.

    Args:
        app: what comes next.
        served: called for the worker's services; None until they are open.
    """

    def __init__(self, app: ASGIApp, served: Callable[[], Services | None]) -> None:
        self._app = app
        self._served = served
        self._remembered = _Remembered()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            authorization, token = credentials(scope["headers"])
            if authorization is not None:
                await self._by_header(scope, authorization)
            elif token is not None:
                await self._by_cookie(scope, token)
        await self._app(scope, receive, send)

    def _services(self) -> Services:
        served = self._served()
        if served is None:
            raise DatabaseUnavailable("the server is starting")
        return served

    async def _by_header(self, scope: Scope, authorization: bytes) -> None:
        scheme, _, given = authorization.decode("latin-1").partition(" ")
        if scheme.lower() == "bearer":
            async with self._services().database.serving() as connection:
                caller = await proofs.caller_by_key(connection, given.strip())
            if caller is None:
                raise challenge(
                    "The key is unknown, revoked or expired, or its account is disabled.",
                    "invalid_token",
                )
        elif scheme.lower() == "basic":
            caller = await self._by_password(scope, given.strip())
        else:
            raise challenge("Authorization must be Bearer with a key, or Basic.")
        if caller.read_only and scope["method"] not in SAFE_METHODS:
            raise Problem(403, "This key is for reading; changes need a key of scope `write`.")
        scope[SCOPE_KEY] = caller

    async def _by_password(self, scope: Scope, given: str) -> Caller:
        served = self._services()
        login, password = _basic(given)
        async with served.database.serving() as connection:
            known = await accounts.for_password(connection, login)
        # The stored hash is part of what is remembered: a new password forgets the old one.
        if known is not None and self._remembered.has(login, password, known[1]):
            return known[0].caller()
        settings = served.settings
        address = client_address(scope, settings.trusted_proxies)
        try:
            found = await attempts.check_password(
                served.database, login, password, address, settings.sign_in_limits
            )
        except attempts.TooManyAttempts as error:
            raise too_many(error) from None
        if found is None:
            raise challenge("The login or the password is wrong, or the account is disabled.")
        self._remembered.add(login, password, found[1], settings.basic_seconds)
        return found[0].caller()

    async def _by_cookie(self, scope: Scope, token: str) -> None:
        async with self._services().database.serving() as connection:
            session = await proofs.session(connection, token)
        changes = scope["method"] not in SAFE_METHODS
        if session is None:
            # Whoever had a session may still do what everybody may, and sign in again.
            if changes and not _is_open(scope):
                raise challenge("The session has ended; sign in again.", basic=False)
            return
        if changes and not _is_meant(scope, session.csrf) and not _checks_form(scope):
            if _is_open(scope):
                return
            raise Problem(
                403,
                "A change with a session's cookie needs the header X-CSRF-Token, with the value"
                " that GET /api/session gives.",
            )
        scope[SCOPE_KEY] = session.caller
        scope[SESSION_KEY] = session


OPEN_PATHS = (
    "/api/sos",
    "/api/sos/follow",
    "/sos/follow",
    "/api/declarations",
    "/api/declarations/card/revoke",
    "/api/vaccination/registrations",
    "/api/vaccination/own",
    "/api/vaccination/own/cancel",
    "/api/vaccination/own/correction",
    "/api/vaccination/list",
    "/api/consultations",
    "/api/consultations/follow",
    "/api/volunteers",
    "/api/volunteers/mine",
    "/volunteer",
    "/volunteer/mine",
    "/consult",
    "/consult/mine",
)
"""Anybody may post there: with a cookie that proves nothing, a request is the public's."""
FORM_PATHS = (
    "/account",
    "/admin",
    "/consultations",
    "/facilities",
    "/network",
    "/reports",
    "/sign-out",
    "/volunteers",
)
"""Pages whose plain forms carry the token in a field, which their handlers check."""


def _is_open(scope: Scope) -> bool:
    signing_in = scope["path"] == "/api/session" and scope["method"] == "POST"
    return signing_in or scope["path"] in OPEN_PATHS or _is_under(scope["path"], ("/sign-in",))


def _checks_form(scope: Scope) -> bool:
    return _is_under(scope["path"], FORM_PATHS)


def _is_under(path: str, parents: tuple[str, ...]) -> bool:
    return any(path == parent or path.startswith(f"{parent}/") for parent in parents)


def _is_meant(scope: Scope, csrf: str) -> bool:
    given = [value for name, value in scope["headers"] if name == CSRF_HEADER]
    return len(given) == 1 and secrets.compare_digest(given[0], csrf.encode())


def _basic(given: str) -> tuple[str, str]:
    try:
        text = base64.b64decode(given, validate=True).decode()
    except (binascii.Error, ValueError):
        raise challenge("Authorization: Basic is not base64 of UTF-8 text.") from None
    login, colon, password = text.partition(":")
    if not colon or "\x00" in text:
        raise challenge("Authorization: Basic must hold login:password.")
    return login, password


class _Remembered:
    """Right passwords of the last moments: hashing anew for each request would be far too slow.

    Kept as digests keyed with a secret of this process; neither login nor password is.
    """

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._until: OrderedDict[bytes, float] = OrderedDict()

    def _digest(self, *parts: str) -> bytes:
        return hmac.digest(self._key, "\x00".join(parts).encode(), sha256)

    def has(self, *parts: str) -> bool:
        digest = self._digest(*parts)
        until = self._until.get(digest)
        if until is None:
            return False
        if until < time.monotonic():
            del self._until[digest]
            return False
        return True

    def add(self, login: str, password: str, stored: str, seconds: float) -> None:
        self._until[self._digest(login, password, stored)] = time.monotonic() + seconds
        while len(self._until) > REMEMBERED:
            self._until.popitem(last=False)
