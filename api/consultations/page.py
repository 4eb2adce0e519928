"""`/consult`, `/consult/mine`: asking for a doctor's call, and following it, without a script."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response

from api import asked
from api.auth import bodies
from api.consultations import given
from api.consultations.post import EMERGENCY, Asked, ask, followed
from api.ogc import datasets
from api.ogc.view import View, view
from api.problems import Problem
from api.services import services
from api.sos.page import HEADERS, TOKEN
from api.sos.post import FOLLOW_HEADER
from layers.consultations import triage
from layers.consultations.codes import CONDITION, OUTCOME, STATE, SYMPTOM
from layers.database import RuleRefused
from layers.layer import Text
from layers.registers.record import SEX

LISTS = ("symptoms", "conditions")
HOURS = range(6, 22, 2)
"""The hours of the day from which somebody may ask to be called."""
_DONE = {
    "cancel": Text("Đã hủy yêu cầu.", "The request has been cancelled."),
    "sos": Text("Đã gửi SOS. Hãy giữ máy.", "The SOS has been sent. Stay by your telephone."),
}
NO_TOKEN = Text(
    "Hãy dán mã riêng: 24 chữ và số sau dấu # của liên kết.",
    "Paste the code: the 24 letters and digits after the # of the link.",
)
UNKNOWN = Text("Không có gì mang mã này, hoặc đã bị xóa.", "Nothing has this code any more.")


async def page(request: Request) -> Response:
    """`GET /consult`: the form."""
    return await _form(request, given_now={"id": str(uuid4())})


async def sent(request: Request) -> Response:
    """`POST /consult`: the request is taken, or the form with what is wrong."""
    written = asked.written(await bodies.fields(request), lists=LISTS)
    read = asked.checked(given.Consultation, _values(written, services(request).province.time_zone))
    if isinstance(read, list):
        return await _form(request, status=422, given_now=written, faults=read)
    try:
        found = await ask(request, services(request), read)
    except Problem as problem:
        faults = asked.faults_in(problem)
        error = "" if faults else asked.sentence(view(request), problem.detail)
        return await _form(
            request, status=problem.status, given_now=written, faults=faults, error=error
        )
    return await _form(request, status=201, given_now=written, found=found)


def _values(written: Mapping[str, Any], zone: ZoneInfo) -> dict[str, Any]:
    """What the model reads: numbers for texts of numbers, an instant for an hour of the day."""
    values: dict[str, Any] = {name: text for name, text in written.items() if text != ""}
    for name in ("age", "spo2"):
        values[name] = asked.whole(written.get(name, ""))
    for name in ("pregnant", "consent"):
        values[name] = written.get(name) == "1"
    values["symptoms"] = written.get("symptoms", [])
    hour = asked.whole(written.get("call_from", ""))
    if isinstance(hour, int) and hour in HOURS:
        now = datetime.now(zone)
        today = now.replace(hour=hour, minute=0, second=0, microsecond=0)
        values["call_from"] = (today if today > now else today + timedelta(days=1)).isoformat()
    return values


async def _form(
    request: Request,
    *,
    status: int = 200,
    given_now: Mapping[str, Any],
    faults: list[dict[str, str]] | None = None,
    error: str = "",
    found: Asked | None = None,
) -> Response:
    served, seen = services(request), view(request)
    told = asked.told(seen, faults or [])
    wrong = seen.t("Có chỗ cần sửa, xem bên dưới.", "Something is to be mended, see below.")
    return seen.render(
        "consult.html",
        status_code=status,
        headers=HEADERS,
        given=given_now,
        faults=told,
        error=error or (wrong if told else ""),
        sent=found,
        emergency=EMERGENCY,
        symptoms=asked.options(seen, SYMPTOM),
        danger_signs=triage.danger_signs(),
        conditions=asked.options(seen, CONDITION),
        sexes=asked.options(seen, SEX),
        communes=asked.communes(await datasets.units(served)),
        hours=[(hour, seen.t(f"Từ {hour} giờ", f"From {hour}:00")) for hour in HOURS],
        longest=given.LONGEST_NOTE,
        days=f"{served.settings.consultation_keep_days:g}",
    )


async def mine(request: Request) -> Response:
    """`GET /consult/mine`: the form for the code; the script fills the page in from the link."""
    return _mine(view(request), 200)


async def shown(request: Request) -> Response:
    """`POST /consult/mine`: how the request stands, after it was cancelled or made an SOS."""
    fields = await bodies.fields(request)
    seen = view(request)
    matched = TOKEN.fullmatch(
        request.headers.get(FOLLOW_HEADER) or bodies.one(fields, "token").strip()
    )
    if matched is None:
        return _mine(seen, 400, error=seen.say(NO_TOKEN))
    what = bodies.one(fields, "do") or None
    if what is not None and what not in _DONE:
        raise Problem(400, f"do: {what[:40]!r} must be one of: {', '.join(_DONE)}.")
    error = ""
    try:
        state = await followed(request, services(request), matched[1], what)
    except RuleRefused as refused:
        error = asked.sentence(seen, refused.said)
        state = await followed(request, services(request), matched[1], None)
    if state is None:
        return _mine(seen, 404, error=seen.say(UNKNOWN))
    done = seen.say(_DONE[what]) if what and not error else ""
    status = 409 if error else 200
    return _mine(seen, status, token=matched[1], state=state, done=done, error=error)


def _mine(
    seen: View,
    status: int,
    *,
    token: str = "",
    state: Mapping[str, Any] | None = None,
    done: str = "",
    error: str = "",
) -> Response:
    return seen.render(
        "consult_mine.html",
        status_code=status,
        headers=HEADERS,
        token=token,
        found=None if state is None else _told(seen, state),
        done=done,
        error=error,
        emergency=EMERGENCY,
    )


def _told(seen: View, state: Mapping[str, Any]) -> dict[str, Any]:
    words = STATE.title_of(state["state"], seen.language)
    if state["outcome"] is not None:
        words = f"{words}: {OUTCOME.title_of(state['outcome'], seen.language)}"
    due = state["due_at"] if state["state"] in ("waiting", "follow_up") else None
    return {
        "code": state["code"],
        "state": words,
        "is_over": state["state"] == "closed",
        "before": state["before"],
        "due": "" if due is None else seen.presenter.instant(datetime.fromisoformat(due)),
        "tries": state["tries"],
        "facility": state["facility"],
        "sos": state["sos"],
        "danger": state["priority"] == "p1",
        "now": seen.presenter.instant(datetime.now(UTC)),
    }
