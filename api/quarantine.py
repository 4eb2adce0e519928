"""Figures of quarantine: for staff `/api/quarantine/figures`, `/cameras`, `/days`; `/home`."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import asyncpg
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.negotiation import JSON
from api.ogc import parameters
from api.ogc.operations import Parameter, read
from api.problems import Problem
from api.registers.desk import PRIVATE, staff
from api.services import services
from layers.roles import Caller
from spatial.errors import BadInput

MOST_DAYS = 366
DEFAULT_DAYS = 30
LEAST = 5
"""People of a commune below which their number is not told."""


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadInput("must be a day, e.g. 2021-08-15", "phải là ngày, ví dụ 2021-08-15") from None


_DAYS = parameters.indexed(
    Parameter("first", "The first day.", {"type": "string", "format": "date"}, _day),
    Parameter("last", "The last day.", {"type": "string", "format": "date"}, _day),
)


async def figures(request: Request) -> Response:
    """`GET /api/quarantine/figures`: who is where, tests due, free beds for 14 days."""
    caller = staff(request)
    read(request, {})
    return await _told(request, caller, "dieuhanh.quarantine_figures()")


async def cameras(request: Request) -> Response:
    """`GET /api/quarantine/cameras`: of each place by state, and which are out since when."""
    caller = staff(request)
    read(request, {})
    return await _told(request, caller, "dieuhanh.quarantine_cameras()")


async def days(request: Request) -> Response:
    """`GET /api/quarantine/days`: admissions, releases and person-days by day."""
    caller = staff(request)
    values = read(request, _DAYS)
    zone = services(request).province.time_zone
    last = values.get("last") or datetime.now(zone).date()
    first = values.get("first") or last - timedelta(days=DEFAULT_DAYS - 1)
    if not 0 <= (last - first).days < MOST_DAYS:
        raise Problem(400, f"first, last: must be 1 to {MOST_DAYS} days, in this order.")
    return await _told(request, caller, "dieuhanh.quarantine_days($1, $2)", first, last)


async def home(request: Request) -> Response:
    """`GET /api/quarantine/home`: people in quarantine at home by commune, five or more."""
    read(request, {})
    row = await services(request).database.call("SELECT dieuhanh.home_quarantine()::text")
    body = f'{{"least":{LEAST},"communes":{row[0]}}}'
    return Response(body, headers={"Cache-Control": "public, max-age=60"}, media_type=JSON.type)


async def _told(request: Request, caller: Caller, call: str, *values: date) -> Response:
    try:
        async with services(request).database.acting(caller, read_only=True) as connection:
            body = await connection.fetchval(f"SELECT ({call})::text", *values)
    except asyncpg.InsufficientPrivilegeError as error:
        raise Problem(
            403, "Vai trò của bạn không có số liệu này. / Your role has no such figures."
        ) from error
    return Response(body, headers=PRIVATE, media_type=JSON.type)


ROUTES = [
    Route("/api/quarantine/figures", figures),
    Route("/api/quarantine/cameras", cameras),
    Route("/api/quarantine/days", days),
    Route("/api/quarantine/home", home),
]
