"""What every answer carries and leaves behind: request id, safety headers, metrics, a log line.

No query values, no addresses of people and no bodies are logged: a filter may hold a name.
"""

from __future__ import annotations

import itertools
import re
import secrets
import time
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import unquote_to_bytes

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.figures import Metrics as Metrics

_log = structlog.get_logger("access")

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; worker-src 'self' blob:;"
    " child-src 'self' blob:; object-src 'none'; base-uri 'self'; form-action 'self';"
    " frame-ancestors 'self'"
)
_NO_SNIFFING = (b"x-content-type-options", b"nosniff")
_ANY_ORIGIN = (b"access-control-allow-origin", b"*")
_EXPOSED = (
    b"access-control-expose-headers",
    b"ETag, Link, Location, Content-Crs, Content-Disposition, X-Request-Id",
)
_OF_PAGES = (
    (b"content-security-policy", CONTENT_SECURITY_POLICY.encode()),
    (b"referrer-policy", b"same-origin"),
)
_REQUEST_ID = re.compile(rb"[\w.:-]{1,64}")


class Observe:
    """ASGI middleware inside the cache: sees each request that a handler has to answer."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        metrics: Metrics,
        access_log: bool,
        answer_error: Callable[[Request, Exception], Awaitable[Response]],
    ) -> None:
        self._app = app
        self._answer_error = answer_error
        self._metrics = metrics
        self._access_log = access_log
        self._prefix = secrets.token_hex(4).encode()
        self._numbers = itertools.count(1)

    def name(self, asked: bytes | None) -> bytes:
        """The request's id: the client's own `X-Request-Id` if well-formed, else a new one."""
        if asked is not None and _REQUEST_ID.fullmatch(asked):
            return asked
        return b"%b-%x" % (self._prefix, next(self._numbers))

    def cached(
        self, method: str, path: bytes, status: int, asked: bytes | None
    ) -> tuple[bytes, bytes]:
        """Record a request that the cache answered; the header that names it.

        Args:
            method: of the request.
            path: of the request, percent-encoded.
            status: of the answer.
            asked: the client's own `X-Request-Id`.
        """
        self._metrics.cached += 1
        name = self.name(asked)
        if self._access_log:
            _log.info(
                "request",
                id=name.decode(),
                method=method,
                path=unquote_to_bytes(path).decode(errors="replace"),
                status=status,
                cached=True,
            )
        return (b"x-request-id", name)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        asked: bytes | None = None
        has_origin = False
        for header, value in scope["headers"]:
            if header == b"x-request-id":
                asked = value
            elif header == b"origin":
                has_origin = True
        name = self.name(asked)
        status = 0

        async def named(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = [*message.get("headers", ()), (b"x-request-id", name), _NO_SNIFFING]
                given = dict(headers)
                if b"access-control-allow-origin" not in given:
                    headers.append(_ANY_ORIGIN)
                if has_origin:
                    headers.append(_EXPOSED)
                if given.get(b"content-type", b"").startswith(b"text/html"):
                    # A second policy would not replace a page's own: a browser obeys both.
                    headers += [one for one in _OF_PAGES if one[0] not in given]
                message = {**message, "headers": headers}
            await send(message)

        try:
            await self._app(scope, receive, named)
        except ClientDisconnect:
            # Nobody is there to be answered: the figures say 499.
            if status:
                raise
        except Exception as error:
            if status:
                raise
            response = await self._answer_error(Request(scope, receive), error)
            await response(scope, receive, named)
        finally:
            self._record(scope, name, status, time.perf_counter() - began)

    def _record(self, scope: Scope, name: bytes, status: int, seconds: float) -> None:
        # The handler's name, not the path: ids of features would make a series each.
        handler: Any = scope.get("endpoint")
        handled_by = "none" if handler is None else getattr(handler, "__name__", "other")
        self._metrics.record(scope["method"], handled_by, status or 499, seconds)
        if self._access_log:
            _log.info(
                "request",
                id=name.decode(),
                method=scope["method"],
                path=scope["path"],
                status=status or 499,
                ms=round(seconds * 1000, 1),
            )
