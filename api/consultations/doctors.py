"""`/consultations`: the page of doctors and of the health department, on a phone or a desk."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api import asked
from api.auth import bodies
from api.auth.pages import NOT_KEPT, to_sign_in
from api.callers import session_of
from api.consultations import given
from api.consultations.desk import consultations, row_of
from api.consultations.post import met_titles
from api.ogc import datasets
from api.ogc.view import View, view
from api.problems import Problem
from api.services import services
from layers.consultations.codes import CONDITION, OUTCOME, PRIORITY, STATE, SYMPTOM
from layers.database import RuleRefused
from layers.layer import CodeList, Text
from layers.medical import Medical
from layers.registers.record import SEX

NEAREST = 6
"""Medical facilities with room that are offered."""
RESULTS = (
    "advice",
    "prescribed",
    "follow_up",
    "not_reached",
    "facility",
    "sos",
    "no_need",
    "give_back",
)
_STEPS = {
    "posted": Text("Gửi yêu cầu", "Asked"),
    "taken": Text("Nhận ca", "Taken"),
    "looked": Text("Xem ca", "Looked at"),
    "not_reached": Text("Gọi không được", "Not reached"),
    "give_back": Text("Trả lại hàng chờ", "Given back"),
    "follow_up": Text("Hẹn gọi lại", "To be called again"),
    "cancelled": OUTCOME.codes[-1].title,
    **{code.value: code.title for code in OUTCOME.codes[:5]},
}


async def page(request: Request) -> Response:
    """`GET /consultations`: how many wait, one's cases, and the case of `case` in full."""
    return to_sign_in(request) or await _page(request)


async def done(request: Request) -> Response:
    """`POST /consultations`: the forms of the page: take the next, or what came of a call."""
    away = to_sign_in(request)
    if away is not None:
        return away
    fields = await bodies.fields(request)
    bodies.require_token(request, fields)
    written = asked.written(fields)
    seen, served, at_desk = view(request), services(request), consultations(request)
    if written.get("action") == "take":
        try:
            found = await at_desk.take(served.settings.consultation_minutes)
        except RuleRefused as refused:
            return await _page(request, status=409, error=asked.sentence(seen, refused.said))
        way = "nobody=1" if found is None else f"case={found}"
        return RedirectResponse(f"/consultations?{way}", 303, headers=NOT_KEPT)
    row = row_of(written.get("case", ""))
    values = {name: written.get(name) or None for name in ("result", "note", "facility")}
    values["due_at"] = _instant(written.get("due_at", ""), request)
    read = asked.checked(given.Result, values)
    if isinstance(read, list):
        error = "; ".join(asked.told(seen, read).values())
        return await _page(request, status=422, error=error, chosen=str(row), written=written)
    try:
        facts = read.model_dump(mode="json", exclude={"result"}, exclude_none=True)
        await at_desk.record(row, read.result, facts, served.settings.consultation_tries)
    except RuleRefused as refused:
        status = {"missing": 404, "forbidden": 403, "invalid": 422}.get(refused.kind, 409)
        error = asked.sentence(seen, refused.said)
        return await _page(request, status=status, error=error, chosen=str(row), written=written)
    return RedirectResponse("/consultations?done=1", 303, headers=NOT_KEPT)


def _instant(text: str, request: Request) -> str | None:
    """What a field of a local date and time says, in the province's zone; what is none stays."""
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return text
    zone = services(request).province.time_zone
    return (at if at.tzinfo else at.replace(tzinfo=zone)).isoformat()


async def _page(
    request: Request,
    *,
    status: int = 200,
    error: str = "",
    chosen: str = "",
    written: Mapping[str, Any] | None = None,
) -> Response:
    served, at_desk = services(request), consultations(request)
    units = await datasets.units(served)
    seen, session = view(request, units), session_of(request)
    said, case, sites = "", None, []
    try:
        desk = await at_desk.desk()
    except RuleRefused as refused:
        if refused.kind != "forbidden":
            raise
        # Who only reads numbers gets the numbers.
        desk = {"takes": False, "keeps": False, "mine": [], "queue": [], "sent": []}
        said = asked.sentence(seen, refused.said)
    wanted = chosen or request.query_params.get("case", "")
    if wanted:
        try:
            case = await at_desk.case(row_of(wanted))
            sites = await Medical(served.database, at_desk.caller).nearest(
                case["lon"], case["lat"], "bed", served.province.metric_srid, NEAREST
            )
        except RuleRefused as refused:
            error, status = error or asked.sentence(seen, refused.said), max(status, 404)
    return seen.render(
        "consultations.html",
        status_code=status,
        headers=NOT_KEPT,
        desk=desk,
        figures=await _figures(request),
        mine=[_line(seen, one) for one in desk["mine"]],
        sent=[_line(seen, one) for one in desk["sent"]],
        queue=[_line(seen, one) for one in desk["queue"]],
        case=None if case is None else _case(seen, case),
        sites=sites,
        results=[(name, seen.say(_result(name))) for name in RESULTS],
        written=written or {},
        csrf=session.csrf if session else "",
        error=error,
        said=said,
        done=_done(seen, request) if not error else "",
    )


async def _figures(request: Request) -> dict[str, Any]:
    try:
        return await consultations(request).figures()
    except RuleRefused as refused:
        raise Problem(403, refused.said) from None


def _done(seen: View, request: Request) -> str:
    if "nobody" in request.query_params:
        return seen.t("Không còn ai chờ gọi.", "Nobody waits to be called.")
    return seen.t("Đã ghi kết quả.", "Written down.") if "done" in request.query_params else ""


def _result(name: str) -> Text:
    return _STEPS.get(name) or OUTCOME.title


def _title(seen: View, codes: CodeList, value: str | None) -> str:
    return "" if value is None else codes.title_of(value, seen.language)


def _line(seen: View, one: Mapping[str, Any]) -> dict[str, Any]:
    """A case as a list shows it."""
    instant = seen.presenter.instant
    received = datetime.fromisoformat(one["received_at"])
    due = one["due_at"]
    return {
        **one,
        "priority_title": _title(seen, PRIORITY, one["priority"]),
        "state_title": _title(seen, STATE, one["state"]),
        "outcome_title": _title(seen, OUTCOME, one["outcome"]),
        "minutes": round((datetime.now(UTC) - received).total_seconds() / 60),
        "received": instant(received),
        "due": instant(datetime.fromisoformat(due)) if due else "",
        "place": _unit(seen, one["commune_code"]),
    }


def _unit(seen: View, code: str | None) -> str:
    unit = seen.presenter.units.get(code or "")
    return unit.name if unit else ""


def _case(seen: View, case: Mapping[str, Any]) -> dict[str, Any]:
    """A case in full, in the reader's language."""
    person = case["person"]
    about = None
    if person is not None:
        about = {
            **person,
            "symptoms": [_title(seen, SYMPTOM, one) for one in person["symptoms"]],
            "conditions": [_title(seen, CONDITION, one) for one in person["conditions"]],
            "sex": _title(seen, SEX, person["sex"]),
            "rules": [seen.say(one) for one in met_titles(person["rules"])],
        }
    steps = [
        {
            "at": seen.presenter.instant(datetime.fromisoformat(step["at"])),
            "actor": step["actor"],
            "kind": seen.say(_STEPS[step["kind"]]),
            "note": step["note"] or "",
        }
        for step in case["steps"]
    ]
    return {**_line(seen, case), "mine": case["mine"], "person": about, "steps": steps}
