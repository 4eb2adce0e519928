"""`/api/declarations/flags…` and `/figures`: what districts and the health department work on."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from api.callers import caller_of
from api.declarations import given
from api.identify import challenge
from api.problems import Problem
from api.services import services
from api.sos.given import read
from api.sos.staff import told
from layers.declarations import desk
from layers.declarations.codes import FLAG_STATE, KIND

MOST_LISTED = 200
DEFAULT_LISTED = 100
DEFAULT_DAYS = 14
MOST_DAYS = 366
STATES = ("waiting", *FLAG_STATE.values, "all")
"""What flags can be asked for by: `waiting` are those that are not closed."""
DAYS_SCHEMA: dict[str, Any] = {
    "type": "integer",
    "minimum": 1,
    "maximum": MOST_DAYS,
    "default": DEFAULT_DAYS,
}
FILTERS: dict[str, dict[str, Any]] = {
    "state": {"type": "string", "enum": list(STATES), "default": "waiting"},
    "kind": {"type": "string", "enum": list(KIND.values)},
    "district": {"type": "string", "pattern": r"^[\w-]{1,16}$"},
    "limit": {"type": "integer", "minimum": 1, "maximum": MOST_LISTED, "default": DEFAULT_LISTED},
}
"""The parameters of `listed`, each with its schema."""
_OPEN = {"Cache-Control": "no-store"}


def _flags(request: Request) -> desk.Flags:
    """The flags of a signed-in caller; what the caller may do with them, PostgreSQL decides.

    Raises:
        Problem: 401, nobody is signed in.
    """
    caller = caller_of(request)
    if caller.account is None:
        raise challenge("Cần đăng nhập. / Sign in to work on declarations.", basic=False)
    return desk.Flags(services(request).database, caller)


def _known(request: Request, names: Collection[str]) -> None:
    other = next((name for name in request.query_params if name not in names), None)
    if other is not None:
        raise Problem(
            400, f"There is no parameter {other[:40]!r} here; there are {', '.join(names)}."
        )


def _choice(
    request: Request, name: str, values: Collection[str], default: str | None
) -> str | None:
    value = request.query_params.get(name, default)
    if value is not None and value not in values:
        raise Problem(400, f"{name}: {value[:40]!r} must be one of: {', '.join(values)}.")
    return value


def _whole(request: Request, name: str, default: int, most: int) -> int:
    text = request.query_params.get(name, str(default))
    if not re.fullmatch(r"[1-9]\d{0,5}", text, re.ASCII) or int(text) > most:
        raise Problem(400, f"{name}: {text[:40]!r} must be a whole number from 1 to {most}.")
    return int(text)


def _number(request: Request) -> int:
    text: str = request.path_params["flag"]
    if not text.isascii() or not text.isdecimal() or len(text) > 18:
        raise Problem(404, "Không có cảnh báo này. / There is no such flag; its id is a number.")
    return int(text)


async def listed(request: Request) -> Response:
    """`GET /api/declarations/flags`: the newest flags of the caller's districts.

    Raises:
        Problem: 400, a parameter is wrong; 401, nobody is signed in.
    """
    flags = _flags(request)
    _known(request, FILTERS)
    state = _choice(request, "state", STATES, "waiting") or "waiting"
    kind = _choice(request, "kind", KIND.values, None)
    district = request.query_params.get("district")
    if district is not None and not re.fullmatch(r"[\w-]{1,16}", district):
        raise Problem(400, f"district: {district[:40]!r} is no code of a district.")
    most = _whole(request, "limit", DEFAULT_LISTED, MOST_LISTED)
    return told(await flags.listed(state, kind, district, most))


async def one(request: Request) -> Response:
    """`GET /api/declarations/flags/{id}`: a flag, whom it is about and what they declared."""
    return told(await _flags(request).one(_number(request)))


async def seen(request: Request) -> Response:
    """`POST /api/declarations/flags/{id}/seen`: somebody works on it; again changes nothing."""
    return told(await _flags(request).change(_number(request), desk.SEE))


async def close(request: Request) -> Response:
    """`POST /api/declarations/flags/{id}/close`: it is settled, with a note of the outcome."""
    flags = _flags(request)
    body = await read(request, given.Closing)
    return told(await flags.change(_number(request), desk.CLOSE, body.note))


async def revoke(request: Request) -> Response:
    """`POST /api/declarations/flags/{id}/revoke`: the cards of its person count no more."""
    return told(await _flags(request).change(_number(request), desk.REVOKE))


async def figures(request: Request) -> Response:
    """`GET /api/declarations/figures`: for staff by day and district, else counts by district.

    Raises:
        Problem: 400, a parameter is wrong; `days` is for who is signed in.
    """
    served = services(request)
    zone = served.province.time_zone
    if caller_of(request).account is None:
        _known(request, ())
        row = await served.database.call(
            "SELECT dieuhanh.declaration_counts($1)::text AS found", str(zone)
        )
        body = f'{{"days":7,"districts":{row["found"]}}}'
        return Response(body, headers=_OPEN, media_type="application/json")
    flags = _flags(request)
    _known(request, ("days",))
    days = _whole(request, "days", DEFAULT_DAYS, MOST_DAYS)
    return told(await flags.figures(datetime.now(zone).date(), days))
