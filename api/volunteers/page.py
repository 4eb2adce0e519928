"""`/volunteer`, `/volunteer/mine`: registering, and one's own page, without a script."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from starlette.requests import Request
from starlette.responses import Response

from api import asked
from api.auth import bodies
from api.consultations.page import NO_TOKEN, UNKNOWN
from api.ogc import datasets
from api.ogc.view import View, view
from api.problems import Problem
from api.services import services
from api.sos.page import HEADERS, TOKEN
from api.sos.post import FOLLOW_HEADER
from api.volunteers import given, own
from layers.database import RuleRefused
from layers.layer import Text
from layers.volunteers.codes import (
    ASSIGNMENT_STATE,
    CONSENT_TEXT,
    KIND,
    MEANS,
    SKILL,
    STATE,
)

LISTS = ("skills", "means", "days")
DAYS = (
    Text("Thứ Hai", "Monday"),
    Text("Thứ Ba", "Tuesday"),
    Text("Thứ Tư", "Wednesday"),
    Text("Thứ Năm", "Thursday"),
    Text("Thứ Sáu", "Friday"),
    Text("Thứ Bảy", "Saturday"),
    Text("Chủ nhật", "Sunday"),
)
REACH = (5, 10, 20, 50)
"""Kilometres that are offered to choose from."""
_DONE = {
    "pause": Text("Đã tạm nghỉ: không ai phân công cho bạn.", "Paused: nobody assigns you."),
    "resume": Text("Đã hoạt động lại.", "You are active again."),
    "accept": Text("Đã nhận việc. Cảm ơn bạn!", "You have taken the task. Thank you!"),
    "decline": Text("Đã từ chối việc.", "You have declined the task."),
    "change": Text("Đã ghi thay đổi.", "The changes are kept."),
}


async def page(request: Request) -> Response:
    """`GET /volunteer`: the form."""
    return await _form(request, {"id": str(uuid4()), "days": [str(day) for day in range(1, 8)]})


async def sent(request: Request) -> Response:
    """`POST /volunteer`: the registration is taken, or the form with what is wrong."""
    written = asked.written(await bodies.fields(request), lists=LISTS)
    values = _values(written) | {
        "id": written.get("id"),
        "consent": written.get("consent") == "1",
    }
    registration = asked.checked(given.Registration, values)
    if isinstance(registration, list):
        return await _form(request, written, status=422, faults=registration)
    try:
        _, token = await own.register(request, services(request), registration)
    except Problem as problem:
        faults = asked.faults_in(problem)
        error = "" if faults else asked.sentence(view(request), problem.detail)
        return await _form(request, written, status=problem.status, faults=faults, error=error)
    return await _form(request, written, status=201, token=token)


def _values(written: Mapping[str, Any]) -> dict[str, Any]:
    """What the model of an offer reads."""
    numbers = ("birth_year", "hour_from", "hour_to", "radius_km")
    texts = ("name", "phone", "commune_code", "from_day", "until_day", "licence", "note")
    return {
        **{name: written.get(name) or None for name in texts},
        **{name: asked.whole(written.get(name, "")) for name in numbers},
        "skills": written.get("skills", []),
        "means": written.get("means", []),
        "days": [asked.whole(day) for day in written.get("days", [])],
    }


async def _choices(request: Request, seen: View) -> dict[str, Any]:
    """What both forms offer to choose from."""
    served = services(request)
    days = f"{served.settings.volunteer_keep_days:g}"
    return {
        "skills": asked.options(seen, SKILL),
        "means": asked.options(seen, MEANS),
        "weekdays": [(number, seen.say(day)) for number, day in enumerate(DAYS, start=1)],
        "hours": [(hour, seen.t(f"{hour} giờ", f"{hour}:00")) for hour in range(25)],
        "reach": [(km, f"{km} km") for km in REACH],
        "communes": asked.communes(await datasets.units(served)),
        "consent": seen.say(CONSENT_TEXT).format(days=days),
    }


async def _form(
    request: Request,
    written: Mapping[str, Any],
    *,
    status: int = 200,
    faults: list[dict[str, str]] | None = None,
    error: str = "",
    token: str = "",
) -> Response:
    seen = view(request)
    told = asked.told(seen, faults or [])
    return seen.render(
        "volunteer.html",
        status_code=status,
        headers=HEADERS,
        given=written,
        faults=told,
        error=error or _wrong(seen, told),
        token=token,
        **await _choices(request, seen),
    )


def _wrong(seen: View, told: Mapping[str, str]) -> str:
    if not told:
        return ""
    return told.get("body") or seen.t(
        "Có chỗ cần sửa, xem bên dưới.", "Something is to be mended, see below."
    )


async def mine(request: Request) -> Response:
    """`GET /volunteer/mine`: the form for the code; the script fills the page in from the link."""
    return await _mine(request, 200)


async def shown(request: Request) -> Response:
    """`POST /volunteer/mine`: all that is kept, after what the one with the code did."""
    fields = await bodies.fields(request)
    seen = view(request)
    written = asked.written(fields, lists=LISTS)
    matched = TOKEN.fullmatch(request.headers.get(FOLLOW_HEADER) or written.get("token", ""))
    if matched is None:
        return await _mine(request, 400, error=seen.say(NO_TOKEN))
    token, what = matched[1], written.get("do") or None
    if what is not None and what not in (*_DONE, "delete"):
        raise Problem(400, f"do: {what[:40]!r} must be one of: {', '.join((*_DONE, 'delete'))}.")
    error, faults, state = "", {}, None
    try:
        if what == "change":
            offer = asked.checked(given.Offer, _values(written))
            if isinstance(offer, list):
                faults = asked.told(seen, offer)
                error = _wrong(seen, faults)
            else:
                await own.change(services(request), token, offer)
        step = None if what == "change" else what
        state = await own.do(services(request), token, step, _assignment(written))
    except RuleRefused as refused:
        error = asked.sentence(seen, refused.said)
        state = await own.do(services(request), token, None, None)
    if state is None:
        return await _mine(request, 404, error=seen.say(UNKNOWN))
    done = seen.say(_DONE[what]) if what in _DONE and not error else ""
    status = 422 if faults else 409 if error else 200
    return await _mine(
        request,
        status,
        token=token,
        state=state,
        done=done,
        error=error,
        faults=faults,
        written=written if faults else None,
    )


def _assignment(written: Mapping[str, Any]) -> UUID | None:
    try:
        return UUID(written["assignment"]) if written.get("assignment") else None
    except ValueError:
        raise Problem(400, "assignment: must be a UUID.") from None


async def _mine(
    request: Request,
    status: int,
    *,
    token: str = "",
    state: Mapping[str, Any] | None = None,
    done: str = "",
    error: str = "",
    faults: Mapping[str, str] | None = None,
    written: Mapping[str, Any] | None = None,
) -> Response:
    seen = view(request, await datasets.units(services(request)))
    deleted = bool(state and state.get("deleted"))
    found = None if state is None or deleted else _told(seen, state)
    return seen.render(
        "volunteer_mine.html",
        status_code=status,
        headers=HEADERS,
        token=token,
        found=found,
        given=written or (_as_written(state) if state and not deleted else {}),
        faults=faults or {},
        done=done,
        deleted=deleted,
        error=error,
        **await _choices(request, seen),
    )


def _as_written(state: Mapping[str, Any]) -> dict[str, Any]:
    """What is kept, as the form shows it."""
    kept = {name: "" if value is None else value for name, value in state.items()}
    return {
        **kept,
        "skills": [code for code in SKILL.values if state[code]],
        "means": [code for code in MEANS.values if state[code]],
        "days": list(state["days"]),
    }


def _told(seen: View, state: Mapping[str, Any]) -> dict[str, Any]:
    instant = seen.presenter.instant
    tasks = [
        {
            **task,
            "kind": KIND.title_of(task["kind"], seen.language),
            "state_title": ASSIGNMENT_STATE.title_of(task["state"], seen.language),
            "begins": instant(datetime.fromisoformat(task["starts_at"])),
            "ends": instant(datetime.fromisoformat(task["ends_at"])),
            "place": seen.presenter.units[task["commune_code"]].name
            if task["commune_code"] in seen.presenter.units
            else "",
        }
        for task in state["tasks"]
    ]
    return {
        "name": state["name"],
        "state": state["state"],
        "state_title": STATE.title_of(state["state"], seen.language),
        "consented": instant(datetime.fromisoformat(state["consented_at"])),
        "hours": sum(task["hours"] or 0 for task in tasks),
        "tasks": tasks,
        "now": instant(datetime.now(UTC)),
    }
