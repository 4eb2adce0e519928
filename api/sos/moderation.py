"""`/api/sos/intake`: posts that look like spam wait here until somebody has read them."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from api.sos import given
from api.sos.coordination import named
from api.sos.staff import desk, listed, told
from layers.sos import desk as calls


async def queue(request: Request) -> Response:
    """`GET /api/sos/intake`: what waits, the oldest first, with why."""
    most = given.limit(request)
    return listed("waiting", await desk(request).intake(most))


async def decide(request: Request) -> Response:
    """`POST /api/sos/intake/{id}`: release a post as a request, or reject it."""
    at_desk = desk(request)
    body = await given.read(request, given.Decision)
    releases = body.decision == "release"
    return told(await at_desk.change(named(request), calls.DECIDE, releases, body.note))


async def spam(request: Request) -> Response:
    """`POST /api/sos/{id}/spam`: a request that proves to be spam leaves the layer."""
    at_desk = desk(request)
    body = await given.read(request, given.Noted)
    return told(await at_desk.change(named(request), calls.SPAM, body.note))
