"""`/api/reports…`: which reports there are and how they stand, what they say, sending them."""

from __future__ import annotations

from typing import Annotated, Any

import orjson
import structlog
from pydantic import BeforeValidator, Field, StringConstraints
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.drawing import NotDrawn
from api.ogc import parameters
from api.ogc.formats import XLSX
from api.ogc.operations import read
from api.problems import Problem
from api.reports import asking, pages
from api.reports.making import as_csv, maker
from api.services import services
from api.sos.given import Given, clean
from api.sos.given import read as read_body
from api.sos.staff import PRIVATE
from layers.reports.desk import Sent, Standing, counted

_log = structlog.get_logger(__name__)
_LISTED = parameters.indexed(asking.DAY, parameters.lang())
LONGEST_NOTE = 1000
Note = Annotated[Annotated[str, StringConstraints(max_length=LONGEST_NOTE)], BeforeValidator(clean)]


class Sending(Given):
    """A unit's word on a report.

    Attributes:
        day: of the period.
        version: that the sender has seen last; 0: none was sent.
    """

    day: str
    district: str | None = None
    version: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    note: Note = ""


def _json(body: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(body), status, PRIVATE, "application/json")


def _standing(one: Standing) -> dict[str, Any]:
    report = one.report
    return {
        "report": report.id,
        "title": {"vi": report.title.vi, "en": report.title.en},
        "sender": report.sender,
        "every": report.every,
        "district": one.district,
        "district_name": one.district_name,
        "first": one.period.first,
        "last": one.period.last,
        "due_at": one.period.due,
        "state": one.state,
        "may_send": one.may_send,
        "version": one.version,
        "sent_at": one.sent_at,
        "sent_by": one.sent_by,
        "note": one.note,
    }


def _sent(one: Sent) -> dict[str, Any]:
    return {
        "version": one.version,
        "sent_at": one.sent_at,
        "sent_by": one.sent_by,
        "role": one.sent_role,
        "note": one.note,
        "due_at": one.due_at,
        "late": one.is_late,
    }


async def listed(request: Request) -> Response:
    """`GET /api/reports`: the reports of the caller's units, and how each stands on a day.

    Raises:
        Problem: 400, 401 or 403.
    """
    desk = asking.desk(request)
    province = services(request).province
    day = read(request, _LISTED).get("day") or asking.today(province)
    found = await desk.standing(day, province.time_zone)
    return _json(
        {"day": day, "counts": counted(found), "reports": [_standing(one) for one in found]}
    )


async def report(request: Request) -> Response:
    """`GET /api/reports/{report}`: what it says, what is missing and who entered it.

    Raises:
        Problem: 400, 401, 403 or 404.
    """
    asked = await asking.asked(request)
    content, sent = await asked.content()
    versions = await asked.desk.versions(asked.report, asked.period, asked.district)
    return _json(
        {
            **content,
            "sent": None if sent is None else _sent(sent),
            "versions": [_sent(one) for one in versions],
        }
    )


async def send(request: Request) -> Response:
    """`POST /api/reports/{report}/sent`: keep it as it is now, as the unit's word.

    Raises:
        Problem: 400, 401, 403, 404, 409 (somebody was quicker) or 422.
    """
    desk, named = asking.desk(request), asking.named(request)
    given = await read_body(request, Sending)
    try:
        values: dict[str, Any] = {"day": asking.day(given.day)}
    except ValueError as error:
        raise Problem(400, f"day: {given.day[:40]!r} {error}.") from error
    if given.district is not None:
        values["district"] = given.district
    asked = await asking.asked_of(request, desk, named, values)
    version = await desk.send(asked.report, asked.period, asked.district, given.version, given.note)
    versions = await desk.versions(asked.report, asked.period, asked.district)
    return _json(_sent(next(one for one in versions if one.version == version)), 201)


async def file(request: Request) -> Response:
    """`GET /api/reports/{report}.xlsx`, `.pdf` or `.csv`.

    Raises:
        Problem: 400, 401, 403, 404; 503, too many are being made.
    """
    asked = await asking.asked(request)
    form = request.url.path.rpartition(".")[2]
    paper = await asked.paper()
    first, last = asked.period.first, asked.period.last
    parts = [asked.report.id, asked.district, str(first), str(last) if last != first else None]
    name = "-".join(part for part in parts if part)
    headers = {
        **PRIVATE,
        "Content-Disposition": f'attachment; filename="{name}.{form}"',
        "Content-Language": asked.language,
    }
    if form == "csv":
        tables = {grid.name: grid for grid in (*paper.grids, *paper.appendix)}
        chosen = asked.table or next(iter(tables))
        if chosen not in tables:
            raise Problem(400, f"table: {chosen[:40]!r} must be one of {', '.join(tables)}.")
        return Response(as_csv(tables[chosen]), 200, headers, "text/csv")
    try:
        content = await maker(asked.served).file(asked.served, form, paper)
    except NotDrawn as error:
        _log.error("report not made", report=asked.report.id, reason=str(error))
        raise Problem(503, "The report could not be made.", headers={"Retry-After": "60"}) from None
    media = "application/pdf" if form == "pdf" else XLSX.type
    return Response(content, 200, headers, media)


ROUTES = [
    Route("/api/reports", listed),
    *(
        Route(f"/api/reports/{{report}}.{form}", file, name=f"report_{form}")
        for form in ("xlsx", "pdf", "csv")
    ),
    Route("/api/reports/{report}", report),
    Route("/api/reports/{report}/sent", send, methods=["POST"]),
    *pages.ROUTES,
]
