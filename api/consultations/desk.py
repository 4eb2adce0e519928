"""`/api/consultations/…` for doctors and the health department: take, look, say what came of it."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import orjson
from starlette.requests import Request
from starlette.responses import Response

from api.callers import caller_of
from api.consultations import given
from api.identify import challenge
from api.problems import Problem
from api.services import services
from api.sos.given import read
from api.sos.staff import PRIVATE
from layers.consultations.desk import Consultations

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)


def consultations(request: Request) -> Consultations:
    """The consultations of a signed-in caller; what the caller may do, PostgreSQL decides.

    Raises:
        Problem: 401, nobody is signed in.
    """
    caller = caller_of(request)
    if caller.account is None:
        raise challenge("Cần đăng nhập. / Sign in to work on consultations.", basic=False)
    return Consultations(services(request).database, caller)


def row_of(text: str) -> UUID:
    """The id of a case.

    Raises:
        Problem: 404, it is none.
    """
    if not _UUID.fullmatch(text):
        raise Problem(404, "Không có ca này. / There is no such case; its id is a UUID.")
    return UUID(text)


def _told(body: Any) -> Response:
    return Response(orjson.dumps(body), headers=PRIVATE, media_type="application/json")


async def listed(request: Request) -> Response:
    """`GET /api/consultations`: how many wait, one's own cases, the queue for who keeps it."""
    return _told(await consultations(request).desk())


async def figures(request: Request) -> Response:
    """`GET /api/consultations/figures`: numbers for staff, by district."""
    return _told(await consultations(request).figures())


async def take(request: Request) -> Response:
    """`POST /api/consultations/take`: the next case; `id` is null if nobody waits."""
    found = await consultations(request).take(services(request).settings.consultation_minutes)
    return _told({"id": None if found is None else str(found)})


async def case(request: Request) -> Response:
    """`GET /api/consultations/{id}`: all of a case; the look is written down."""
    return _told(await consultations(request).case(row_of(request.path_params["row"])))


async def result(request: Request) -> Response:
    """`POST /api/consultations/{id}/result`: what came of the call."""
    at_desk = consultations(request)
    row = row_of(request.path_params["row"])
    said = await read(request, given.Result)
    state = await at_desk.record(
        row,
        said.result,
        said.model_dump(mode="json", exclude={"result"}, exclude_none=True),
        services(request).settings.consultation_tries,
    )
    return _told({"state": state})
