"""`/api/network`, `/network`: heartbeats and reports of network assets, and their outages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

import orjson
from pydantic import Field, StringConstraints, ValidationError
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from api.auth import bodies
from api.auth.pages import NOT_KEPT, to_sign_in
from api.callers import caller_of, session_of
from api.identify import challenge
from api.ogc import datasets
from api.ogc.view import View, view
from api.present import Unit
from api.problems import Problem
from api.services import services
from api.sos.given import Given, read
from api.sos.staff import PRIVATE
from layers.database import RuleRefused
from layers.infrastructure import KIND, STATE
from layers.layer import Text
from layers.network import MOST_OUTAGES, Network, Outage
from layers.roles import Role

MOST_CODES = 1000
"""Heartbeats of one request."""
LONGEST_NOTE = 1000
DAYS = 7
"""Days back for which outages that have ended are told, if nothing else is asked for."""
MOST_DAYS = 366

Code = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=24, pattern=r"^[^\x00]*$"),
]
Note = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=LONGEST_NOTE, pattern=r"^[^\x00]*$"),
]
_FOUND_BY = {
    "silence": Text("mất tín hiệu", "no heartbeat"),
    "report": Text("người báo", "a report"),
    "edit": Text("sửa lớp", "an edit"),
}
_REPORTERS = (Role.OFFICER, Role.OPERATOR, Role.COORDINATOR, Role.ADMIN)
_DONE = Text("Đã ghi nhận báo cáo.", "The report has been taken.")


class Heartbeats(Given):
    """The codes of assets that are alive."""

    codes: Annotated[list[Code], Field(min_length=1, max_length=MOST_CODES)]


class Report(Given):
    """The state in which somebody finds an asset."""

    code: Code
    state: Literal["up", "down", "maintenance"]
    note: Note | None = None


def _network(request: Request) -> Network:
    caller = caller_of(request)
    if caller.account is None:
        raise challenge("Cần đăng nhập. / Sign in to work on network assets.", basic=False)
    return Network(services(request).database, caller)


async def heartbeats(request: Request) -> Response:
    """`POST /api/network/heartbeats`: an operator's monitoring says which assets are alive.

    Raises:
        Problem: 401, 403, 422.
    """
    network = _network(request)
    given = await read(request, Heartbeats)
    unknown = await network.heartbeats(given.codes)
    taken = len(set(given.codes)) - len(unknown)
    return _json({"taken": taken, "unknown": unknown})


async def report(request: Request) -> Response:
    """`POST /api/network/reports`: somebody on the spot says how an asset is.

    Raises:
        Problem: 401, 403, 404, 409 (it is in that state already), 422.
    """
    network = _network(request)
    given = await read(request, Report)
    asset = await network.report(given.code, given.state, given.note)
    return _json({"id": asset, "code": given.code, "state": given.state})


@dataclass(frozen=True, slots=True)
class _Asked:
    only_open: bool
    days: int
    operator: str | None
    kind: str | None
    most: int


def _asked(request: Request) -> _Asked:
    """The parameters of a list of outages.

    Raises:
        Problem: 400, one is not known or breaks its rule.
    """
    given = dict(request.query_params)
    given.pop("lang", None)
    given.pop("done", None)
    other = next((n for n in given if n not in ("open", "days", "operator", "kind", "limit")), None)
    if other is not None:
        raise Problem(400, f"There is no parameter {other[:40]!r} here.")
    kind = given.get("kind") or None
    if kind is not None and kind not in KIND.values:
        raise Problem(400, f"kind: {kind[:40]!r} must be one of {', '.join(KIND.values)}.")
    if given.get("open", "") not in ("", "true", "false"):
        raise Problem(400, f"open: {given['open'][:40]!r} must be true or false.")
    return _Asked(
        given.get("open") == "true",
        _whole(given, "days", DAYS, MOST_DAYS),
        given.get("operator") or None,
        kind,
        _whole(given, "limit", 100, MOST_OUTAGES),
    )


def _whole(given: dict[str, str], name: str, usual: int, most: int) -> int:
    text = given.get(name, str(usual))
    if not (text.isascii() and text.isdigit() and len(text) < 7 and 1 <= int(text) <= most):
        raise Problem(400, f"{name}: {text[:40]!r} must be a whole number from 1 to {most}.")
    return int(text)


async def _outages(network: Network, asked: _Asked) -> list[Outage]:
    return await network.outages(
        only_open=asked.only_open,
        days=asked.days,
        operator=asked.operator,
        kind=asked.kind,
        most=asked.most,
    )


async def outages(request: Request) -> Response:
    """`GET /api/network/outages`: those that go on, then those of the last days, newest first.

    Raises:
        Problem: 400, 401, 403.
    """
    network = _network(request)
    found = await _outages(network, _asked(request))
    return _json({"outages": [asdict(one) for one in found], "totals": await network.totals()})


async def page(request: Request) -> Response:
    """`GET /network`: what is down, for whom it concerns, and a form to report it."""
    return to_sign_in(request) or await _page(request)


async def _page(
    request: Request, *, status: int = 200, error: str = "", given: dict[str, str] | None = None
) -> Response:
    served, network = services(request), _network(request)
    asked = _asked(request) if request.method == "GET" else _Asked(False, DAYS, None, None, 100)
    found = await _outages(network, asked)
    totals = await network.totals()
    units = await datasets.units(served)
    shown, session = view(request, units), session_of(request)
    return shown.render(
        "network.html",
        status_code=status,
        headers=NOT_KEPT,
        totals=_by_operator(totals),
        outages=[_row(shown, one, units) for one in found],
        kinds={code.value: shown.say(code.title) for code in KIND.codes},
        states={code.value: shown.say(code.title) for code in STATE.codes},
        asked=asked,
        csrf=session.csrf if session else "",
        may_report=caller_of(request).role in _REPORTERS,
        error=error,
        given=given or {},
        done=shown.say(_DONE) if "done" in request.query_params and not error else "",
    )


def _by_operator(totals: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in totals:
        found[row["operator"]].append(row)
    return dict(found)


def _row(shown: View, one: Outage, units: Mapping[str, Unit]) -> dict[str, Any]:
    ended = one.ended_at or datetime.now(UTC)
    codes = [code for code in (one.commune_code, one.district_code) if code is not None]
    places = [units[code].name for code in codes if code in units]
    if one.site is not None:
        places.insert(0, f"{one.site} ({one.site_code})")
    return {
        **asdict(one),
        "place": ", ".join(places),
        "minutes": int((ended - one.began_at).total_seconds() // 60),
        "found": shown.say(_FOUND_BY[one.found_by]),
    }


async def report_form(request: Request) -> Response:
    """`POST /network`: the form of the page."""
    away = to_sign_in(request)
    if away is not None:
        return away
    fields = await bodies.fields(request)
    bodies.require_token(request, fields)
    given = {name: bodies.one(fields, name) for name in ("code", "state", "note")}
    try:
        read_one = Report.model_validate({**given, "note": given["note"] or None})
        await _network(request).report(read_one.code, read_one.state, read_one.note)
    except ValidationError:
        error = view(request).t(
            "Hãy nhập mã thiết bị (nhiều nhất 24 ký tự) và chọn trạng thái; ghi chú nhiều nhất"
            " 1.000 ký tự.",
            "Enter the asset's code (24 characters at most) and choose a state; a note has 1,000"
            " characters at most.",
        )
        return await _page(request, status=422, error=error, given=given)
    except RuleRefused as refused:
        vi, _, en = refused.said.partition(" / ")
        said = view(request).t(vi, en)
        status = {"missing": 404, "forbidden": 403}.get(refused.kind, 409)
        return await _page(request, status=status, error=said, given=given)
    return RedirectResponse("/network?done=1", 303, headers=NOT_KEPT)


def _json(body: Any) -> Response:
    return Response(orjson.dumps(body), headers=PRIVATE, media_type="application/json")


ROUTES = [
    Route("/api/network/heartbeats", heartbeats, methods=["POST"]),
    Route("/api/network/reports", report, methods=["POST"]),
    Route("/api/network/outages", outages),
    Route("/network", page, methods=["GET"], name="network"),
    Route("/network", report_form, methods=["POST"], name="network_report"),
]
