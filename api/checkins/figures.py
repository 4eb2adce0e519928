"""`/api/check-ins/figures` and `/flows`: counts for staff, by district, site and hour."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

from starlette.requests import Request
from starlette.responses import Response

from api.callers import caller_of
from api.identify import challenge
from api.problems import Problem
from api.services import Services, services
from api.sos.staff import told
from layers.checkins import figures as read
from layers.checkins.figures import LAYERS, Period, site_number
from layers.roles import Caller
from spatial.errors import shown

MOST_DAYS = 92
"""Days of a period."""


async def figures(request: Request) -> Response:
    """`GET /api/check-ins/figures`: of `from` to `to` (today), of a `district` or a `site`.

    Raises:
        Problem: 400, a parameter breaks its rule; 401, nobody is signed in; 403 by the database.
    """
    served = services(request)
    caller = _staff(request)
    given = _parameters(request, "from", "to", "district", "site")
    district = given.get("district")
    if district is not None and not re.fullmatch(r"[\w-]{1,16}", district):
        raise Problem(400, f"district: {shown(district)} is no code of a district.")
    found = await read.figures(
        served.database, caller, _period(served, given), district, _site(given.get("site"))
    )
    return told(found)


async def flows(request: Request) -> Response:
    """`GET /api/check-ins/flows`: between communes, for each day that is over; raises as above."""
    served = services(request)
    caller = _staff(request)
    period = _period(served, _parameters(request, "from", "to"))
    found = await read.flow_days(served.database, caller, period)
    return told(f'{{"days":{found}}}')


def _staff(request: Request) -> Caller:
    caller = caller_of(request)
    if caller.account is None:
        raise challenge("Cần đăng nhập. / Sign in to see figures of check-ins.", basic=False)
    return caller


def _parameters(request: Request, *names: str) -> dict[str, str]:
    other = next((name for name in request.query_params if name not in names), None)
    if other is not None:
        raise Problem(400, f"There is no parameter {shown(other)} here; {', '.join(names)} are.")
    return dict(request.query_params)


def _period(served: Services, given: dict[str, str]) -> Period:
    zone = served.province.time_zone
    today = datetime.now(zone).date()
    last = _day("to", given["to"]) if "to" in given else today
    first = _day("from", given["from"]) if "from" in given else last
    if not timedelta(0) <= last - first < timedelta(MOST_DAYS):
        raise Problem(
            400,
            f"from {first} to {last}: the period must run forward and hold at most"
            f" {MOST_DAYS} days.",
        )
    return Period(first, last, zone.key)


def _day(name: str, text: str) -> date:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        found = date.min
    if not 1970 <= found.year <= 2200:
        raise Problem(400, f"{name}: {shown(text)} is not a day such as 2021-08-17.")
    return found


def _site(text: str | None) -> int | None:
    if text is None:
        return None
    layer, _, feature = text.partition("/")
    if layer not in LAYERS or not re.fullmatch(r"[1-9]\d{0,17}", feature, re.ASCII):
        raise Problem(400, f"site: {shown(text)} is not such as {LAYERS[0]}/12.")
    return site_number(layer, int(feature))
