"""`/api/hotline`: what an operator has entered for callers today, and what a place is called."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.callers import caller_of
from api.identify import challenge
from api.problems import Problem
from api.services import Services, services
from api.sos.given import Spot, read
from api.sos.staff import PRIVATE
from layers.consultations.codes import STATE as CONSULTATION_STATE
from layers.desks import at_desk
from layers.layer import CodeList, Text
from layers.nearby import commune_sql, nearest_sql
from layers.rescue.requests import STATE
from layers.roles import Caller

MOST = 200
"""Entries that are listed at most."""
NEAR = 3
"""Known places that a place is told by."""
_DENIED = "Việc này dành cho tổng đài. / This is for the hotline."
_FLAGGED = Text("Có cảnh báo", "Flagged")
_STATES: dict[str, CodeList] = {"sos": STATE, "consultation": CONSULTATION_STATE}


def _asking(request: Request) -> tuple[Caller, Services]:
    caller = caller_of(request)
    if caller.account is None:
        raise challenge("Cần đăng nhập. / Sign in to work at the hotline.", basic=False)
    return caller, services(request)


async def today(request: Request) -> Response:
    """`GET /api/hotline/today`: the caller's own entries of today, the newest first.

    Raises:
        Problem: 400, 401 or 403.
    """
    caller, served = _asking(request)
    if request.query_params:
        raise Problem(400, "There is no parameter here.")
    zone = served.province.time_zone
    midnight = datetime.combine(datetime.now(zone).date(), time.min, zone).astimezone(UTC)
    async with at_desk(
        served.database, caller, denied=_DENIED, about="hotline", read_only=True
    ) as connection:
        found = await connection.fetchval(
            "SELECT dieuhanh.entered_for_callers($1, $2)::text", midnight, MOST
        )
    entered = [{**one, "state": _state(one)} for one in orjson.loads(found)]
    return _json({"entered": entered})


async def place(request: Request) -> Response:
    """`POST /api/hotline/place`: what a place is called, to be read to a caller; nothing is kept.

    It is sent in the body and not asked for in the address, which logs keep.

    Raises:
        Problem: 400, 401, 413, 415 or 422.
    """
    caller, served = _asking(request)
    spot = await read(request, Spot)
    communes = await served.database.fetch(commune_sql(spot.lon, spot.lat), caller)
    layers = served.catalogue.values()
    near = await served.database.fetch(nearest_sql(layers, spot.lon, spot.lat, NEAR), caller)
    return _json(
        {
            "commune": dict(communes[0]) if communes else None,
            "near": [dict(row) for row in near],
        }
    )


def _json(body: dict[str, Any]) -> Response:
    return Response(orjson.dumps(body), headers=PRIVATE, media_type="application/json")


def _state(one: dict[str, Any]) -> dict[str, str] | None:
    """How an entry stands, in both languages."""
    if one["state"] is None:
        return None
    if one["kind"] == "declaration":
        return {"vi": _FLAGGED.vi, "en": _FLAGGED.en}
    codes = _STATES[one["kind"]]
    return {name: codes.title_of(one["state"], name) for name in ("vi", "en")}


ROUTES = [
    Route("/api/hotline/today", today),
    Route("/api/hotline/place", place, methods=["POST"]),
]
