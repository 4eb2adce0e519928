"""`/api/sos/{id}/…`: what hotline, coordination and teams do with a request.

`{id}` is the id of the request or its code. What is done answers how the request stands then.
"""

from __future__ import annotations

import asyncio
from datetime import datetime
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from api.problems import Problem
from api.services import services
from api.sos import given
from api.sos.photos import path_of
from api.sos.staff import PRIVATE, desk, listed, told
from layers.database import RuleRefused
from layers.sos import desk as calls

_NO_PHOTO = "Yêu cầu này không có ảnh đó. / The request has no such photo."


def named(request: Request) -> str:
    name: str = request.path_params["request"]
    if len(name) > 40 or "\x00" in name:
        raise Problem(404, "Không có yêu cầu này. / There is no such request.")
    return name


async def detail(request: Request) -> Response:
    """`GET /api/sos/{id}`: all of a request: report, team, photos, merges, timeline."""
    return told(await desk(request).read(named(request), calls.DETAIL))


async def assigned(request: Request) -> Response:
    """`GET /api/sos/assignments`: the requests that teams have, with the team, since when, by whom.

    Raises:
        Problem: 400, there is a parameter; 401, nobody is signed in.
    """
    at_desk = desk(request)
    if request.query_params:
        raise Problem(400, "There is no parameter here.")
    return listed("assignments", await at_desk.assigned())


async def step(request: Request) -> Response:
    """`POST /api/sos/{id}/steps`: the next state."""
    at_desk = desk(request)
    body = await given.read(request, given.Step)
    once = None if body.id is None else calls.Once(body.id, body.state)
    return told(await at_desk.change(named(request), calls.STEP, body.state, body.note, once=once))


async def priority(request: Request) -> Response:
    """`PUT /api/sos/{id}/priority`: another priority than the facts give, with the reason."""
    at_desk = desk(request)
    body = await given.read(request, given.Priority)
    return told(await at_desk.change(named(request), calls.PRIORITY, body.priority, body.reason))


async def note(request: Request) -> Response:
    """`POST /api/sos/{id}/notes`: a note in the timeline."""
    at_desk = desk(request)
    body = await given.read(request, given.Said)
    return told(await at_desk.change(named(request), calls.NOTE, body.note))


async def teams(request: Request) -> Response:
    """`GET /api/sos/{id}/teams`: free teams that can help, the nearest first."""
    return await _teams(request, calls.TEAMS)


async def busy_teams(request: Request) -> Response:
    """`GET /api/sos/{id}/busy-teams`: teams that have tasks and can help, the nearest first."""
    return await _teams(request, calls.BUSY_TEAMS)


async def _teams(request: Request, call: str) -> Response:
    srid = services(request).province.metric_srid
    most = given.limit(request)
    return listed("teams", await desk(request).read(named(request), call, srid, most))


async def assign(request: Request) -> Response:
    """`POST /api/sos/{id}/assignment`: give it to a team; who comes second is told of the first."""
    return await _give(request, calls.ASSIGN)


async def hand_over(request: Request) -> Response:
    """`POST /api/sos/{id}/hand-over`: give it from its team to another one."""
    return await _give(request, calls.HAND_OVER)


async def _give(request: Request, call: str) -> Response:
    at_desk = desk(request)
    body = await given.read(request, given.Assignment)
    try:
        found = await at_desk.change(named(request), call, body.team, body.note, body.also)
    except RuleRefused as refused:
        if "by" not in refused.about:
            raise
        raise _lost(refused) from refused
    return told(found)


def _lost(refused: RuleRefused) -> Problem:
    """The answer to who assigns what somebody else has assigned: by whom, to whom and when."""
    about = refused.about
    at = datetime.fromisoformat(about["at"]).isoformat(timespec="seconds")
    return Problem(
        409,
        f"{refused.said} ({about['by']}, {at})",
        by=about["by"],
        at=about["at"],
        team=about["team"],
    )


async def decline(request: Request) -> Response:
    """`POST /api/sos/{id}/decline`: its team does not take it; it is verified, and open again."""
    at_desk = desk(request)
    body = await given.read(request, given.Reported)
    once = None if body.id is None else calls.Once(body.id, "decline")
    return told(await at_desk.change(named(request), calls.DECLINE, body.note, once=once))


async def way(request: Request) -> Response:
    """`POST /api/sos/{id}/way`: the way there from a place, by road where there is a road graph.

    A place is sent in the body and not asked for in the address, which logs keep.
    """
    srid = services(request).province.metric_srid
    at_desk = desk(request)
    body = await given.read(request, given.Position)
    return told(await at_desk.read(named(request), calls.WAY, body.lon, body.lat, srid))


async def duplicates(request: Request) -> Response:
    """`GET /api/sos/{id}/duplicates`: requests that may be the same, the likeliest first."""
    srid = services(request).province.metric_srid
    most = given.limit(request)
    found = await desk(request).read(named(request), calls.DUPLICATES, srid, most)
    return listed("duplicates", found)


async def merge(request: Request) -> Response:
    """`POST /api/sos/{id}/merge`: it is the same as another request, which goes on."""
    at_desk = desk(request)
    body = await given.read(request, given.Merge)
    return told(await at_desk.merge(named(request), body.into, body.note))


async def unmerge(request: Request) -> Response:
    """`POST /api/sos/{id}/unmerge`: it was not the same after all."""
    at_desk = desk(request)
    body = await given.read(request, given.Noted)
    return told(await at_desk.change(named(request), calls.UNMERGE, body.note))


async def photo(request: Request) -> Response:
    """`GET /api/sos/{id}/photos/{photo}`: a picture, for those who may see the request's own."""
    at_desk = desk(request)
    try:
        number = UUID(request.path_params["photo"])
    except ValueError:
        raise Problem(404, _NO_PHOTO) from None
    if not await at_desk.has_photo(named(request), number):
        raise Problem(404, _NO_PHOTO)
    path = path_of(services(request).settings.photos, number)
    try:
        data = await asyncio.to_thread(path.read_bytes)
    except FileNotFoundError:
        raise Problem(404, _NO_PHOTO) from None
    headers = {**PRIVATE, "Content-Disposition": f'inline; filename="{number}.jpg"'}
    return Response(data, headers=headers, media_type="image/jpeg")
