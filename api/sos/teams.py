"""`/api/teams/…`: a team's tasks, its people, and where it is."""

from __future__ import annotations

from math import ceil

from starlette.requests import Request
from starlette.responses import Response

from api.callers import caller_of
from api.pace import Pace
from api.problems import Problem
from api.services import services
from api.sos import given
from api.sos.fields import unprocessable
from api.sos.staff import desk, listed, told


def _number(request: Request) -> int:
    text: str = request.path_params["team"]
    if not text.isascii() or not text.isdecimal() or len(text) > 18:
        raise Problem(404, "Không có đội này. / There is no such team; a team's id is a number.")
    return int(text)


async def mine(request: Request) -> Response:
    """`GET /api/teams/mine`: the caller's teams, each with its tasks."""
    return listed("teams", await desk(request).teams())


async def detail(request: Request) -> Response:
    """`GET /api/teams/{id}`: a team with its contact, members and tasks."""
    return told(await desk(request).team(_number(request)))


async def people(request: Request) -> Response:
    """`PUT /api/teams/{id}`: who leads a team and who belongs to it, in place of who did."""
    at_desk = desk(request)
    body = await given.read(request, given.TeamPeople)
    found, unknown = await at_desk.set_team(_number(request), body.leader, body.phone, body.members)
    if unknown:
        raise unprocessable(
            [
                {
                    "field": "members",
                    "vi": f"{login!r} không phải tài khoản đội cứu hộ.",
                    "en": f"{login!r} is no rescuer's account.",
                }
                for login in unknown
            ]
        )
    return told(found)


async def state(request: Request) -> Response:
    """`PUT /api/teams/{id}/state`: whether the team is free; with tasks it stays busy."""
    at_desk = desk(request)
    body = await given.read(request, given.TeamState)
    return told(await at_desk.set_team_state(_number(request), body.state))


async def position(request: Request) -> Response:
    """`POST /api/teams/{id}/position`: where the team is now.

    Raises:
        Problem: 429, the one before was a moment ago.
    """
    at_desk, team = desk(request), _number(request)
    body = await given.read(request, given.Position)
    seconds = services(request).settings.position_seconds
    wait = _pace(request).wait((caller_of(request).account, team), seconds)
    if wait > 0:
        raise Problem(
            429,
            f"Vị trí của đội được nhận {seconds:g} giây một lần."
            f" / A team's position is taken once in {seconds:g} seconds.",
            headers={"Retry-After": str(ceil(wait))},
        )
    return told(await at_desk.move(team, body.lon, body.lat, body.accuracy_m))


def _pace(request: Request) -> Pace:
    """The memory of this worker."""
    state = request.app.state
    if not hasattr(state, "positions"):
        state.positions = Pace()
    found: Pace = state.positions
    return found
