"""`/api/epidemic/figures`, `/risk` and their tables: the course of the epidemic, for everybody."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from api.callers import caller_of
from api.identify import challenge
from api.negotiation import CSV, JSON
from api.ogc import parameters
from api.ogc.operations import Parameter, read
from api.problems import Problem
from api.services import services
from api.sos.staff import PRIVATE
from layers.outbreaks.desk import Outbreaks
from layers.outbreaks.records import LEVEL
from spatial.errors import BadInput

DEFAULT_DAYS, MOST_DAYS = 60, 366
_SHARED = {"Cache-Control": "public, max-age=60", "Vary": "Authorization, Cookie"}


def day(text: str) -> date:
    """A day of a parameter.

    Raises:
        BadInput: it is none.
    """
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadInput("must be a day, e.g. 2021-08-15", "phải là ngày, ví dụ 2021-08-15") from None


def _unit(text: str) -> str:
    if not re.fullmatch(r"[\w-]{1,16}", text, re.ASCII):
        raise BadInput("must be the code of a district or commune", "phải là mã huyện hoặc xã")
    return text


_FIGURES = parameters.indexed(
    Parameter("unit", "Code of a district or a commune, for staff.", {"type": "string"}, _unit),
    Parameter(
        "days",
        "Days up to yesterday.",
        {"type": "integer", "minimum": 7, "maximum": MOST_DAYS},
        lambda text: parameters.whole(text, 7, MOST_DAYS),
    ),
)
_RISK = parameters.indexed(
    Parameter("on", "The day they were computed.", {"type": "string", "format": "date"}, day)
)


def outbreaks(request: Request) -> Outbreaks:
    """The epidemic for the caller."""
    return Outbreaks(services(request).database, caller_of(request))


async def _figures(request: Request) -> dict[str, Any]:
    given = read(request, _FIGURES)
    if "unit" in given and caller_of(request).account is None:
        raise challenge("Cần đăng nhập để xem từng địa bàn. / Sign in for districts.", basic=False)
    found: dict[str, Any] = await outbreaks(request).figures(
        given.get("unit", ""), given.get("days", DEFAULT_DAYS)
    )
    _align(found)
    return found


def _align(found: dict[str, Any]) -> None:
    """Give each day its estimates, which were computed for a period of their own."""
    told = found["estimate"]
    if told is None:
        return
    rt = told["rt"] or {}
    first = date.fromisoformat(told["first"])
    for one in found["days"]:
        at = (date.fromisoformat(one["day"]) - first).days
        if 0 <= at < len(told["smoothed"]):
            one["smoothed"] = told["smoothed"][at]
            one["rt"] = {name: values[at] for name, values in rt.items()}
    for name in ("smoothed", "rt", "first"):
        del told[name]


async def figures(request: Request) -> Response:
    """`GET /api/epidemic/figures`: cases, estimates, testing and units; of a unit for staff.

    Raises:
        Problem: 400, 401 (a unit is for staff), 404 (there is no such unit).
    """
    return _told(request, await _figures(request) | _about(request))


def _about(request: Request) -> dict[str, Any]:
    rules = services(request).province.epidemic
    return {
        "audience": "public" if caller_of(request).account is None else "staff",
        "fewest": 5,
        "interval": None
        if rules.interval is None
        else {
            "mean_days": rules.interval.mean_days,
            "sd_days": rules.interval.sd_days,
            "source": rules.interval.source,
        },
    }


async def risk(request: Request) -> Response:
    """`GET /api/epidemic/risk`: the levels of communes, why, and the rule; newest or `on` a day."""
    levels = await outbreaks(request).levels(read(request, _RISK).get("on"))
    rule = services(request).province.epidemic.risk
    titles = {one.value: {"vi": one.title.vi, "en": one.title.en} for one in LEVEL.codes}
    return _told(request, {"rule": rule, "titles": titles, "levels": levels})


async def _curve(request: Request) -> list[dict[str, Any]]:
    found = await _figures(request)
    return [
        {
            **{name: one.get(name) for name in ("day", "community", "isolated", "deaths")},
            "smoothed": one.get("smoothed"),
            **{f"rt_{name}": one.get("rt", {}).get(name) for name in ("mean", "low", "high")},
        }
        for one in found["days"]
    ]


async def _testing(request: Request) -> list[dict[str, Any]]:
    return list((await _figures(request))["testing"])


async def _areas(request: Request) -> list[dict[str, Any]]:
    return list((await _figures(request))["areas"])


async def _levels(request: Request) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = await outbreaks(request).levels(read(request, _RISK).get("on"))
    return found


_TABLES: Mapping[str, Callable[[Request], Any]] = {
    "curve": _curve,
    "testing": _testing,
    "areas": _areas,
    "risk": _levels,
}


async def table(request: Request) -> Response:
    """`GET /api/epidemic/{table}.csv`: one of the tables; what few people stand for is empty.

    Raises:
        Problem: as `figures`; 404, there is no such table.
    """
    name = request.path_params["table"]
    if name not in _TABLES:
        raise Problem(404, f"There is no such table; {', '.join(_TABLES)} are.")
    rows = await _TABLES[name](request)
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]) if rows else ["day"], lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    headers = {**_headers(request), "Content-Disposition": f'attachment; filename="{name}.csv"'}
    # Excel reads UTF-8 only where the file says so.
    return Response(b"\xef\xbb\xbf" + text.getvalue().encode(), 200, headers, media_type=CSV.type)


def _headers(request: Request) -> dict[str, str]:
    return _SHARED if caller_of(request).account is None else PRIVATE


def _told(request: Request, body: Any) -> Response:
    return Response(orjson.dumps(body), headers=_headers(request), media_type=JSON.type)
