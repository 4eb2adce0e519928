"""ETags from layer versions, 304, and a memory of rendered answers that is never stale.

This is the outermost layer of the application: a repeated read is answered before routing. An
answer is remembered under the request's identity and the versions of the layers it was made
from; the change feed moves those versions on the moment a change commits, on every worker.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.callers import SCOPE_KEY, has_credentials
from api.encoded import Headers, head_of
from api.negotiation import chosen_language
from layers.feed import MINUTE, Feed
from layers.roles import ANYONE, Caller

MAXIMUM_BODY = 2 * 1024 * 1024
"""Bytes of the largest answer remembered; one that is larger or streamed is only tagged."""

_IDENTITY = "dieuhanh.identity"
Identity = tuple[tuple[Any, ...], bytes | None, bytes | None]


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer but for the header that names its request.

    Attributes:
        head: the status line and the headers as HTTP/1.1 has them.
    """

    status: int
    headers: Headers
    body: bytes
    head: bytes


@dataclass(slots=True)
class Answer:
    """A complete answer and what it depends on."""

    versions: tuple[tuple[str, int], ...]
    etag: bytes
    whole: Reply
    unchanged: Reply
    size: int


class AnswerCache:
    """ASGI middleware; see the module.

    Args:
        app: the application.
        megabytes: of bodies to remember; 0 remembers none, ETags and 304 work all the same.
        build: changes with whatever answers depend on beside the layers: code, styles, settings.
        answered: told of each request answered here: method, path, status and `X-Request-Id`;
            gives a header to add, which names the request.

    Attributes:
        feed: given once it is open; until then nothing is tagged or remembered.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        megabytes: int,
        build: str,
        answered: Callable[[str, bytes, int, bytes | None], tuple[bytes, bytes]],
    ) -> None:
        self.feed: Feed | None = None
        self._app = app
        self._capacity = megabytes * 1024 * 1024
        self._build = build.encode()
        self._answered = answered
        self._answers: OrderedDict[tuple[Any, ...], Answer] = OrderedDict()
        self._size = 0
        self.hits = 0
        self.misses = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
            await self._app(scope, receive, send)
            return
        feed = self.feed
        if has_credentials(scope["headers"]):
            await self._app(scope, receive, self._for_one(scope, send, feed))
            return
        if feed is None or not feed.live:
            await self._app(scope, receive, _without_body(scope, send))
            return
        identity: Identity = scope.get(_IDENTITY) or _identity(scope)
        found = self._reply(feed, scope, identity)
        if found is None:
            self.misses += 1
            await self._make(scope, receive, send, feed, identity[0])
            return
        reply, name = found
        headers = [*reply.headers, name]
        await send({"type": "http.response.start", "status": reply.status, "headers": headers})
        body = b"" if scope["method"] == "HEAD" else reply.body
        await send({"type": "http.response.body", "body": body})

    def find(self, scope: Scope) -> tuple[Reply, tuple[bytes, bytes]] | None:
        """The answer to a request that needs no handler, and the header that names the request.

        Args:
            scope: of a GET or HEAD; the body of what answers a HEAD is not to be sent.

        Returns:
            What is remembered, or 304; None where a handler has to answer, as it always has a
            client that shows who it is.
        """
        feed = self.feed
        if feed is None or not feed.live or has_credentials(scope["headers"]):
            return None
        identity = scope[_IDENTITY] = _identity(scope)
        return self._reply(feed, scope, identity)

    def _reply(
        self, feed: Feed, scope: Scope, identity: Identity
    ) -> tuple[Reply, tuple[bytes, bytes]] | None:
        key, validator, asked = identity
        reply: Reply | None = None
        answer = self._answers.get(key)
        if answer is not None:
            if _hold(feed, answer.versions):
                self.hits += 1
                self._answers.move_to_end(key)
                unchanged = validator is not None and _matches(validator, answer.etag)
                reply = answer.unchanged if unchanged else answer.whole
            else:
                self._forget(key)
        if reply is None and validator is not None:
            tag = self._unchanged(feed, key, validator)
            if tag is not None:
                reply = _prepared(304, [(b"etag", tag), *_CACHING])
        if reply is None:
            return None
        return reply, self._answered(scope["method"], key[0], reply.status, asked)

    def _for_one(self, scope: Scope, send: Send, feed: Feed | None) -> Send:
        """Send to a client that showed who it is: never from or into memory, nor into others'."""
        before = _versions(feed) if feed is not None and feed.live else None
        silent = scope["method"] == "HEAD"

        async def tagged(message: Message) -> None:
            nonlocal silent
            if message["type"] == "http.response.start":
                headers: Headers = [*message["headers"]]
                names = {name for name, _ in headers}
                headers += [one for one in _PRIVATE if one[0] == b"vary" or one[0] not in names]
                layers = scope.get("dieuhanh.layers")
                if before is not None and layers is not None and message["status"] in (200, 204):
                    key, validator, _ = _identity(scope)
                    caller: Caller = scope.get(SCOPE_KEY, ANYONE)
                    key = (*key, f"{caller.role.value} {caller.account}".encode())
                    etag = self._tag(key, tuple((name, before.get(name, 0)) for name in layers))
                    headers.append((b"etag", etag))
                    if validator is not None and _matches(validator, etag):
                        silent = True
                        of_body = (b"content-length", b"content-type", b"content-encoding")
                        headers = [one for one in headers if one[0] not in of_body]
                        message = {**message, "status": 304}
                message = {**message, "headers": headers}
            elif silent:
                message = {**message, "body": b""}
            await send(message)

        return tagged

    def _unchanged(self, feed: Feed, key: tuple[Any, ...], validator: bytes) -> bytes | None:
        """The client's tag, if it is what this request would get now."""
        for candidate in validator.split(b","):
            tag = candidate.strip().removeprefix(b"W/").strip(b'"')
            versions = versions_of(tag)
            if versions is None or not _hold(feed, versions):
                continue
            if self._tag(key, versions) == b'"' + tag + b'"':
                return b'"' + tag + b'"'
        return None

    def _tag(self, key: tuple[Any, ...], versions: tuple[tuple[str, int], ...]) -> bytes:
        digest = hashlib.blake2b(digest_size=9, key=self._build[:64])
        for part in key:
            digest.update(part if part is not None else b"\x00")
            digest.update(b"\x01")
        named = ".".join(f"{layer}:{version}" for layer, version in versions)
        return f'"{named}.{digest.hexdigest()}"'.encode()

    async def _make(
        self, scope: Scope, receive: Receive, send: Send, feed: Feed, key: tuple[Any, ...]
    ) -> None:
        # Taken before the query runs: what commits meanwhile makes this answer count as old.
        before = _versions(feed)
        start: Message | None = None
        versions: tuple[tuple[str, int], ...] | None = None
        is_head = scope["method"] == "HEAD"

        async def tagged(message: Message) -> None:
            nonlocal start, versions
            if message["type"] == "http.response.start":
                layers = scope.get("dieuhanh.layers")
                if layers is not None and message["status"] in (200, 204):
                    versions = tuple((layer, before.get(layer, 0)) for layer in layers)
                    headers: Headers = [
                        *message["headers"],
                        (b"etag", self._tag(key, versions)),
                        *_CACHING,
                    ]
                    message = {**message, "headers": headers}
                start = message
                await send(message)
                return
            whole = not message.get("more_body", False)
            if start is not None and versions is not None and whole and not is_head:
                self._remember(key, versions, start, message)
            start = None
            if is_head:
                message = {**message, "body": b""}
            await send(message)

        await self._app(scope, receive, tagged)

    def _remember(
        self,
        key: tuple[Any, ...],
        versions: tuple[tuple[str, int], ...],
        start: Message,
        body: Message,
    ) -> None:
        content = body.get("body", b"")
        size = len(content) + 1024
        if size > min(MAXIMUM_BODY, self._capacity):
            return
        headers = [(n, v) for n, v in start["headers"] if n not in _OWN]
        named = dict(headers)
        if start["status"] == 200 and b"content-length" not in named:
            headers.append((b"content-length", b"%d" % len(content)))
        kept = (b"etag", b"cache-control", b"vary", b"content-crs", b"date")
        self._forget(key)
        self._answers[key] = Answer(
            versions,
            named[b"etag"],
            _prepared(start["status"], headers, content),
            _prepared(304, [(n, v) for n, v in headers if n in kept]),
            size,
        )
        self._size += size
        while self._size > self._capacity:
            self._forget(next(iter(self._answers)))

    def _forget(self, key: tuple[Any, ...]) -> None:
        answer = self._answers.pop(key, None)
        if answer is not None:
            self._size -= answer.size

    @property
    def size(self) -> int:
        """Bytes remembered."""
        return self._size


# Headers that name one request and must not be repeated to another.
_OWN = (b"x-request-id", b"date")
# Everybody must ask again, and is then told 304 as long as nothing has changed.
_CACHING: Headers = [
    (b"cache-control", b"no-cache"),
    (b"vary", b"Accept, Accept-Encoding, Accept-Language, Authorization, Cookie, Origin"),
]
# What was made for one caller is kept by nobody else.
_PRIVATE: Headers = [(b"cache-control", b"private, no-cache"), _CACHING[1]]


def _versions(feed: Feed) -> dict[str, int]:
    return {**feed.versions, MINUTE: feed.version(MINUTE)}


def _hold(feed: Feed, versions: tuple[tuple[str, int], ...]) -> bool:
    # A generator in `all()` would take a tenth of a hit's time in Python.
    for layer, version in versions:  # noqa: SIM110
        if feed.version(layer) != version:
            return False
    return True


def _prepared(status: int, headers: Headers, body: bytes = b"") -> Reply:
    return Reply(status, headers, body, head_of(status, headers))


def _identity(scope: Scope) -> Identity:
    """What tells one answer from another; the client's If-None-Match and X-Request-Id."""
    accept = encoding = language = host = scheme = origin = validator = asked = chosen = None
    for header, value in scope["headers"]:
        # One that comes twice counts with all it says: handlers may go by the first or the last.
        if header == b"host":
            host = value if host is None else host + b"," + value
        elif header == b"accept":
            accept = value if accept is None else accept + b"," + value
        elif header == b"accept-encoding":
            encoding = value if encoding is None else encoding + b"," + value
        elif header == b"accept-language":
            language = value if language is None else language + b"," + value
        elif header == b"cookie":
            chosen = chosen or chosen_language(value)
        elif header == b"x-forwarded-proto":
            scheme = value if scheme is None else scheme + b"," + value
        elif header == b"origin":
            # Only whether there is one: what another origin's page may read is the same for all.
            origin = b"*"
        elif header == b"if-none-match":
            validator = value
        elif header == b"x-request-id":
            asked = value
    path = scope.get("raw_path") or scope["path"].encode()
    spoken = chosen or language
    key = (path, scope["query_string"], host, accept, encoding, spoken, scheme, origin)
    return key, validator, asked


def versions_of(tag: bytes) -> tuple[tuple[str, int], ...] | None:
    """The layers and versions that an ETag of ours names; None for any other text."""
    try:
        named = tag.decode("ascii").rpartition(".")[0]
        pairs = [part.rpartition(":") for part in named.split(".")] if named else []
        return tuple((layer, int(version)) for layer, _, version in pairs)
    except ValueError:
        return None


def _matches(validator: bytes, etag: bytes) -> bool:
    if validator == etag or validator.strip() == b"*":
        return True
    return any(part.strip().removeprefix(b"W/") == etag for part in validator.split(b","))


def _without_body(scope: Scope, send: Send) -> Callable[[Message], Awaitable[None]]:
    if scope["method"] != "HEAD":
        return send

    async def headers_only(message: Message) -> None:
        if message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await send(message)

    return headers_only
