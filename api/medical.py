"""`/api/facilities`, `/facilities`: what medical facilities report, are short of, and have free."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import orjson
from pydantic import Field, ValidationError
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from api.auth import bodies
from api.auth.pages import NOT_KEPT, to_sign_in
from api.callers import caller_of, session_of
from api.identify import challenge
from api.ogc import datasets
from api.ogc.view import view
from api.problems import Problem
from api.services import services
from api.sos.given import Given, Spot, read
from api.sos.staff import PRIVATE
from layers.database import RuleRefused
from layers.health import COUNTS, KIND, MEDICAL_FACILITIES, STAFF, STATE
from layers.layer import Text
from layers.medical import MOST, NEEDS, Medical

_MOST_COUNT = 100_000
Count = Annotated[int, Field(ge=0, le=_MOST_COUNT)]
_SHORT = {
    "report": Text("quá hạn báo cáo", "report overdue"),
    "beds": Text("sắp hết giường", "few beds free"),
    "icu": Text("hết giường hồi sức", "no intensive care"),
    "oxygen": Text("sắp hết ô-xy", "little oxygen"),
}
_NUMBERS = tuple(column.name for column in (*COUNTS, *STAFF))


class Report(Given):
    """What a facility reports; what is left out stays as it was."""

    state: Literal[*STATE.values] | None = None  # type: ignore[valid-type]
    beds: Count | None = None
    beds_free: Count | None = None
    icu_beds: Count | None = None
    icu_free: Count | None = None
    ventilators: Count | None = None
    ventilators_free: Count | None = None
    oxygen_h: Annotated[int, Field(ge=0, le=10_000)] | None = None
    ambulances: Count | None = None
    ambulances_free: Count | None = None
    doctors: Count | None = None
    nurses: Count | None = None


class Needed(Spot):
    """Where somebody is, and what they need."""

    need: Literal[*NEEDS] = "bed"  # type: ignore[valid-type]
    limit: Annotated[int, Field(ge=1, le=MOST)] = 5


def _medical(request: Request) -> Medical:
    caller = caller_of(request)
    if caller.account is None:
        raise challenge("Cần đăng nhập. / Sign in to work on medical facilities.", basic=False)
    return Medical(services(request).database, caller)


async def facilities(request: Request) -> Response:
    """`GET /api/facilities`: all, with what each is short of and whether it is the caller's.

    Raises:
        Problem: 400, there is a parameter; 401.
    """
    medical = _medical(request)
    if request.query_params:
        raise Problem(400, "There is no parameter here.")
    return _json({"facilities": await medical.facilities(services(request).province.medical)})


async def report(request: Request) -> Response:
    """`POST /api/facilities/{code}/report`: the numbers of today.

    Raises:
        Problem: 401, 403, 404, 422.
    """
    medical = _medical(request)
    given = await read(request, Report)
    code = _code(request)
    number = await medical.report(code, given.model_dump(exclude_none=True))
    return _json({"id": number, "code": code})


def _code(request: Request) -> str:
    code: str = request.path_params["code"]
    if len(code) > 24 or "\x00" in code:
        raise Problem(404, "Không có cơ sở y tế này. / There is no such medical facility.")
    return code


async def nearest(request: Request) -> Response:
    """`POST /api/facilities/nearest`: where what is needed is free; nothing of it is kept.

    A place is sent in the body and not asked for in the address, which logs keep.

    Raises:
        Problem: 401, 403, 422.
    """
    medical = _medical(request)
    given = await read(request, Needed)
    srid = services(request).province.metric_srid
    found = await medical.nearest(given.lon, given.lat, given.need, srid, given.limit)
    return _json({"facilities": found})


async def page(request: Request) -> Response:
    """`GET /facilities`: the caller's own to report on, then all, the short ones first."""
    return to_sign_in(request) or await _page(request)


async def _page(
    request: Request, *, status: int = 200, error: str = "", given: dict[str, str] | None = None
) -> Response:
    served, medical = services(request), _medical(request)
    units = await datasets.units(served)
    shown, session = view(request, units), session_of(request)
    found = await medical.facilities(served.province.medical)
    for one in found:
        code = one["district_code"]
        one["place"] = units[code].name if code in units else ""
        one["warnings"] = [shown.say(_SHORT[name]) for name in one["short"]]
    chosen = (given or {}).get("facility") or request.query_params.get("facility", "")
    own = [one for one in found if one["mine"]]
    return shown.render(
        "facilities.html",
        status_code=status,
        headers=NOT_KEPT,
        facilities=sorted(found, key=lambda one: not one["short"]),
        own=own,
        chosen=next((one for one in own if one["code"] == chosen), None),
        columns=[MEDICAL_FACILITIES.column(name) for name in _NUMBERS],
        kinds={code.value: shown.say(code.title) for code in KIND.codes},
        states={code.value: shown.say(code.title) for code in STATE.codes},
        csrf=session.csrf if session else "",
        error=error,
        given=given or {},
        done=shown.t("Đã nhận báo cáo.", "The report has been taken.")
        if "done" in request.query_params and not error
        else "",
    )


async def report_form(request: Request) -> Response:
    """`POST /facilities`: the form of the page."""
    away = to_sign_in(request)
    if away is not None:
        return away
    fields = await bodies.fields(request)
    bodies.require_token(request, fields)
    given = {name: bodies.one(fields, name).strip() for name in ("facility", "state", *_NUMBERS)}
    shown = view(request)
    try:
        facts: dict[str, Any] = {name: given[name] for name in ("state",) if given[name]}
        facts |= {name: int(given[name]) for name in _NUMBERS if given[name]}
        read_one = Report.model_validate(facts).model_dump(exclude_none=True)
        await _medical(request).report(given["facility"], read_one)
    except (ValueError, ValidationError):
        error = shown.t(
            "Các số phải là số nguyên từ 0 đến 100.000.",
            "Numbers must be whole numbers from 0 to 100,000.",
        )
        return await _page(request, status=422, error=error, given=given)
    except RuleRefused as refused:
        vi, _, en = refused.said.partition(" / ")
        status = {"missing": 404, "forbidden": 403}.get(refused.kind, 422)
        return await _page(request, status=status, error=shown.t(vi, en), given=given)
    return RedirectResponse("/facilities?done=1", 303, headers=NOT_KEPT)


def _json(body: Any) -> Response:
    return Response(orjson.dumps(body), headers=PRIVATE, media_type="application/json")


ROUTES = [
    Route("/api/facilities", facilities),
    Route("/api/facilities/nearest", nearest, methods=["POST"]),
    Route("/api/facilities/{code}/report", report, methods=["POST"]),
    Route("/facilities", page, methods=["GET"], name="facilities"),
    Route("/facilities", report_form, methods=["POST"], name="facility_report"),
]
