"""`/reports`: how the reports of one's units stand, and each of them to read, take and send."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from api.auth import bodies
from api.auth.pages import NOT_KEPT, to_sign_in
from api.brief.numbers import Writer
from api.callers import session_of
from api.ogc import datasets, parameters
from api.ogc.operations import Parameter, read
from api.ogc.view import view
from api.problems import Problem
from api.reports import asking, texts
from api.reports.asking import Asked
from api.reports.writing import name_of, write_paper
from api.services import services
from layers.database import RuleRefused
from layers.layer import Text
from layers.reports.desk import counted
from layers.reports.reading import MISSING
from layers.roles import DISTRICT

LONGEST_NOTE = 1000
ORDER = ("missing", "due", "sent_late", "sent")
"""The states, in the order in which people see what is in them."""
_STATUS = {"forbidden": 403, "missing": 404, "conflict": 409, "invalid": 422}
_UNIT = Parameter("unit", "A department or a district.", {"type": "string"}, str)
_LISTED = parameters.indexed(asking.DAY, _UNIT, parameters.lang())


async def page(request: Request) -> Response:
    """`GET /reports`: the reports of the caller's units on a day, those that are missing first."""
    away = to_sign_in(request)
    if away is not None:
        return away
    served, desk = services(request), asking.desk(request)
    values = read(request, _LISTED)
    province = served.province
    day = values.get("day") or asking.today(province)
    found = await desk.standing(day, province.time_zone)
    shown = view(request)
    writer = Writer(shown.presenter, 0)
    names = {one.id: shown.say(one.title) for one in province.departments}
    units = {
        one.district or one.report.sender: one.district_name or names.get(one.report.sender, "")
        for one in found
    }
    chosen = values.get("unit")
    rows = [
        {
            "title": shown.say(one.report.title),
            "unit": one.district_name or names.get(one.report.sender, one.report.sender),
            "every": shown.say(texts.EVERY[one.report.every]),
            "period": name_of(writer, one.report, one.period),
            "state": one.state,
            "due": shown.presenter.instant(one.period.due),
            "may_send": one.may_send,
            "sent_at": one.sent_at and shown.presenter.instant(one.sent_at),
            "sent_by": one.sent_by,
            "version": one.version,
            "href": shown.href(
                f"/reports/{one.report.id}",
                day=day,
                district=one.district,
                version=one.version or None,
            ),
        }
        for one in sorted(found, key=lambda one: ORDER.index(one.state))
        if chosen in (None, "", one.district or one.report.sender)
    ]
    return shown.render(
        "reports.html",
        headers=NOT_KEPT,
        day=day,
        units=units,
        chosen=chosen,
        rows=rows,
        counts=counted(found),
        states={name: shown.say(text) for name, text in texts.STATE.items()},
    )


async def report_page(request: Request) -> Response:
    """`GET /reports/{report}`: its tables, what is missing, and the form that sends it."""
    away = to_sign_in(request)
    if away is not None:
        return away
    asked = await asking.asked(request, ("done",))
    return await _report(request, asked)


async def _report(
    request: Request, asked: Asked, *, status: int = 200, error: str = "", note: str = ""
) -> Response:
    content, sent = await asked.content()
    versions = await asked.desk.versions(asked.report, asked.period, asked.district)
    access = await asked.desk.access(asked.report, asked.district)
    title = asked.report.title.in_language(asked.language)
    shown, session = replace(view(request), last_crumb=title), session_of(request)
    paper = write_paper(
        asked.served.province, asked.report, content, asked.period, sent, asked.language
    )
    units = await datasets.units(asked.served)
    query = {
        "day": asked.period.first if asked.own else None,
        "from": None if asked.own else asked.period.first,
        "to": None if asked.own else asked.period.last,
        "district": asked.district,
    }
    return shown.render(
        "report.html",
        status_code=status,
        headers=NOT_KEPT,
        paper=paper,
        report=asked.report,
        period=asked.period,
        district=asked.district,
        districts=[unit for unit in units.values() if unit.level == "district"],
        by_district=asked.report.sender == DISTRICT,
        version=asked.version,
        versions=versions,
        is_late={one.version: one.is_late for one in versions},
        newest=versions[0].version if versions else 0,
        missing=len(content[MISSING]["rows"]),
        may_send=access == "send" and asked.own and asked.version is None and session is not None,
        csrf=session.csrf if session else "",
        here=lambda version=None: shown.href(
            f"/reports/{asked.report.id}", **query, version=version
        ),
        file=lambda form: shown.href(
            f"/api/reports/{asked.report.id}.{form}",
            **query,
            version=asked.version,
            lang=asked.language,
        ),
        error=error,
        note=note,
        done=shown.say(texts.DONE) if "done" in request.query_params and not error else "",
    )


async def send_form(request: Request) -> Response:
    """`POST /reports/{report}`: the form of the page."""
    away = to_sign_in(request)
    if away is not None:
        return away
    fields = await bodies.fields(request)
    bodies.require_token(request, fields)
    given = {name: bodies.one(fields, name) for name in ("day", "district", "version", "note")}
    try:
        values = {"day": asking.day(given["day"])}
    except ValueError as error:
        raise Problem(400, f"day: {given['day'][:40]!r} {error}.") from error
    if given["district"]:
        values["district"] = given["district"]  # type: ignore[assignment]
    asked = await asking.asked_of(request, asking.desk(request), asking.named(request), values)
    known, note = given["version"], given["note"].strip()
    if not known.isascii() or not known.isdecimal() or len(known) > 6:
        raise Problem(400, f"version: {known[:40]!r} must be a whole number.")
    if len(note) > LONGEST_NOTE:
        long = Text("Ghi chú dài nhất {n} ký tự.", "A note has {n} characters at most.")
        said = view(request).say(long).format(n=LONGEST_NOTE)
        return await _report(request, asked, status=422, error=said, note=note[:LONGEST_NOTE])
    try:
        version = await asked.desk.send(
            asked.report, asked.period, asked.district, int(known), note
        )
    except RuleRefused as refused:
        vi, _, en = refused.said.partition(" / ")
        said = view(request).t(vi, en)
        return await _report(request, asked, status=_STATUS[refused.kind], error=said, note=note)
    query = {"day": asked.period.first, "version": version, "done": 1}
    if asked.district:
        query["district"] = asked.district
    address = f"/reports/{asked.report.id}?{urlencode(query)}"
    return RedirectResponse(address, 303, headers=NOT_KEPT)


ROUTES = [
    Route("/reports", page, methods=["GET"], name="reports"),
    Route("/reports/{report}", report_page, methods=["GET"], name="report"),
    Route("/reports/{report}", send_form, methods=["POST"], name="report_send"),
]
