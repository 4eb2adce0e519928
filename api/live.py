"""What changes, as it changes: `/api/live` (server-sent events) and `/api/changes`."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from functools import partial
from typing import Any

import orjson
from shapely import Point
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

from api.callers import caller_of
from api.negotiation import JSON
from api.ogc import parameters
from api.ogc.operations import Parameter, read, shorten
from api.problems import Problem
from api.services import Services, depends_on, services
from layers.deltas import Position, Trimmed
from layers.layer import Audience
from layers.stream import Stream, TooManyViewers, Viewer, Wish
from spatial.bbox import parse_bbox

RETRY_MS = 2000
"""Milliseconds after which a page connects again."""
SIGNED_IN = 600.0
"""Seconds after which a stream of who signed in ends: the page connects again, if it still may."""
MAXIMUM_CHANGES = 10_000
DEFAULT_CHANGES = 1000

_POSITION = re.compile(r"(\d{1,18})(?:\.(\d{1,9}))?", re.ASCII)
_NUMBER = re.compile(r"-?\d{1,3}(\.\d{1,15})?", re.ASCII)
_HEADERS = {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-store",
    # Said to nginx, which would otherwise gather events.
    "X-Accel-Buffering": "no",
}


def _position(text: str) -> Position:
    found = _POSITION.fullmatch(text)
    if found is None:
        raise ValueError("must be the id of an event, such as 1042 or 1042.3")
    return Position(int(found[1]), None if found[2] is None else int(found[2]))


def _layers(text: str) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",")))
    if not all(names):
        raise ValueError("must be ids of layers, separated by commas")
    return names


def _degrees(most: int, text: str) -> float:
    found = _NUMBER.fullmatch(text)
    if found is None or abs(float(text)) > most:
        raise ValueError(f"must be a number of degrees from -{most} to {most}")
    return float(text)


_LAYERS = Parameter(
    "layers",
    "Ids of layers, separated by commas; all if it is not given.",
    {"type": "array", "items": {"type": "string"}},
    parameters.no_nul(_layers),
)
_LIVE: Mapping[str, Parameter] = parameters.indexed(
    _LAYERS,
    Parameter(
        "bbox",
        "West, south, east and north in degrees: only what is, or was, in this box.",
        {"type": "array", "items": {"type": "number"}},
        parse_bbox,
    ),
    *(
        Parameter(
            name,
            f"With {other}, in degrees: only areas that hold this place, such as alerts.",
            {"type": "number", "minimum": -most, "maximum": most},
            partial(_degrees, most),
        )
        for name, other, most in (("lon", "lat", 180), ("lat", "lon", 90))
    ),
    Parameter(
        "last_event_id",
        "Resume after this event; the header Last-Event-ID counts before it.",
        {"type": "string"},
        _position,
    ),
)
_CHANGES: Mapping[str, Parameter] = parameters.indexed(
    Parameter(
        "since",
        "Changes after this number; without it the answer only says the number now.",
        {"type": "integer"},
        lambda text: parameters.whole(text, 0, None),
    ),
    _LAYERS,
    Parameter(
        "limit",
        "Changes at most, more only where one commit has more.",
        {"type": "integer"},
        lambda text: min(parameters.whole(text, 1, None), MAXIMUM_CHANGES),
    ),
)


def _chosen(served: Services, values: Mapping[str, Any]) -> frozenset[str]:
    names = values.get("layers", tuple(served.catalogue))
    unknown = next((name for name in names if name not in served.catalogue), None)
    if unknown is not None:
        known = ", ".join(served.catalogue)
        raise Problem(400, f"layers: there is no layer {shorten(unknown)!r}; there are {known}.")
    return frozenset(names)


def _wish(served: Services, audience: Audience, values: Mapping[str, Any]) -> Wish:
    """What is to be told, of a box or of the areas that hold a place.

    Raises:
        Problem: 400 where the two are mixed, half of a place is given, or a layer has no areas.
    """
    place = [values[name] for name in ("lon", "lat") if name in values]
    if not place:
        return Wish(audience, _chosen(served, values), values.get("bbox"))
    if len(place) == 1 or "bbox" in values:
        raise Problem(400, "lon and lat go together, and not with bbox.")
    areas = {
        layer.id for layer in served.catalogue.values() if layer.geometry_type == "MultiPolygon"
    }
    chosen = _chosen(served, values) if "layers" in values else frozenset(areas)
    pointless = sorted(chosen - areas)
    if pointless:
        raise Problem(
            400,
            f"layers: {pointless[0]!r} has no areas for lon and lat to lie in;"
            f" {', '.join(sorted(areas))} have. Ask for a bbox instead.",
        )
    return Wish(audience, chosen, None, Point(place))


class _Events(Response):
    """A stream that ends when the server stops, or when its viewer has left.

    Args:
        stream: of the worker.
        viewer: who has begun to watch.
        first: what is sent first.
        seconds: how long it may last; None: for ever.
    """

    def __init__(self, stream: Stream, viewer: Viewer, first: bytes, seconds: float | None) -> None:
        super().__init__(headers=_HEADERS)
        del self.headers["content-length"]
        self._stream, self._viewer = stream, viewer
        self._first, self._seconds = first, seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            await send(_part(self._first))
            try:
                async with asyncio.timeout(self._seconds):
                    async for chunk in self._stream.chunks(self._viewer):
                        await send(_part(chunk))
            except Trimmed as error:
                await send(_part(_reset(error.head)))
            except TimeoutError:
                pass
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            self._stream.leave(self._viewer)


def _part(chunk: bytes) -> Message:
    return {"type": "http.response.body", "body": chunk, "more_body": True}


def _reset(head: int) -> bytes:
    return b'id: %d\nevent: reset\ndata: {"version":%d}\n\n' % (head, head)


async def live(request: Request) -> Response:
    """`/api/live`: server-sent events of the changes that the caller may see.

    Raises:
        Problem: 400 for a parameter that breaks its rule; 503 where the worker has no place.
    """
    values = read(request, _LIVE)
    served = services(request)
    caller = caller_of(request)
    wish = _wish(served, caller.audience, values)
    position = values.get("last_event_id")
    header = request.headers.get("last-event-id")
    if header:
        try:
            position = _position(header)
        except ValueError as error:
            raise Problem(400, f"Last-Event-ID {shorten(header)!r}: {error}.") from None
    if request.method == "HEAD":
        return Response(headers=_HEADERS)
    stream: Stream = request.app.state.stream
    first = b"retry: %d\n" % RETRY_MS
    try:
        try:
            viewer = await stream.begin(wish, position)
            first += b"id: %s\n\n" % viewer.position.key.encode()
        except Trimmed:
            viewer = await stream.begin(wish, None)
            first += b"\n" + _reset(viewer.position.version)
    except TooManyViewers:
        raise Problem(
            503,
            "This server has as many live viewers as it may have; try again shortly.",
            headers={"Retry-After": "10"},
        ) from None
    return _Events(stream, viewer, first, None if caller.account is None else SIGNED_IN)


async def changes(request: Request) -> Response:
    """`/api/changes`: what has changed since a number, for who keeps a copy.

    Raises:
        Problem: 400 for a parameter that breaks its rule; 410 where the feed was trimmed.
    """
    values = read(request, _CHANGES)
    served = services(request)
    caller = caller_of(request)
    layers = _chosen(served, values)
    reader = request.app.state.changes
    if caller.audience is Audience.PUBLIC:
        depends_on(request, *served.catalogue)
    if "since" not in values:
        _, head = await reader.state()
        return _page([], head, more=False)
    try:
        since = values["since"]
        batch = await reader.read(since, values.get("limit", DEFAULT_CHANGES), layers)
    except Trimmed as error:
        raise Problem(
            410,
            f"since={since}: the changes after it are not told (any more); read the layers again,"
            f" and go on from {error.head}.",
            next=error.head,
        ) from None
    deltas = await batch.deltas(reader, caller.audience)
    texts = [delta.text for delta in deltas if delta.text is not None]
    return _page(texts, batch.upto, more=batch.upto < batch.head)


def _page(texts: list[str], upto: int, *, more: bool) -> Response:
    body = f'{{"changes":[{",".join(texts)}],"next":{upto},"more":{orjson.dumps(more).decode()}}}'
    return Response(body, media_type=JSON.type, headers={"Cache-Control": "no-cache"})


ROUTES = [Route("/api/live", live), Route("/api/changes", changes)]
