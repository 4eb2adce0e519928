"""`/volunteers`: the page of who assigns volunteers to tasks and to SOS requests."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api import asked
from api.auth import bodies
from api.auth.pages import NOT_KEPT, to_sign_in
from api.callers import caller_of, session_of
from api.consultations.desk import row_of
from api.ogc import datasets
from api.ogc.view import View, view
from api.problems import Problem
from api.services import services
from api.volunteers import given
from api.volunteers.desk import volunteers
from layers.database import RuleRefused
from layers.layer import Text
from layers.roles import Role
from layers.volunteers.codes import ASSIGNMENT_STATE, KIND, MEANS, SKILL, TASK_PLACE, TASK_STATE
from layers.volunteers.desk import Volunteers

LONGEST_HOURS = 744
_STATUSES = {"forbidden": 403, "missing": 404, "invalid": 422}
_DONE = {
    "assign": Text("Đã phân công; hãy gọi báo người đó.", "Assigned; call to tell them."),
    "withdraw": Text("Đã thôi phân công.", "Withdrawn."),
    "finish": Text("Đã kết thúc và ghi giờ.", "Finished, with the hours."),
    "sos": Text("Đã mở việc cho SOS.", "The task of the SOS is open."),
}


async def page(request: Request) -> Response:
    """`GET /volunteers`: open tasks; one of them (`task`), or that of an SOS (`sos`), in full."""
    return to_sign_in(request) or await _page(request)


async def done(request: Request) -> Response:
    """`POST /volunteers`: the forms of the page."""
    away = to_sign_in(request)
    if away is not None:
        return away
    fields = await bodies.fields(request)
    bodies.require_token(request, fields)
    written = asked.written(fields)
    action = written.get("action", "")
    if action not in _DONE:
        raise Problem(400, f"action: {action[:40]!r} must be one of: {', '.join(_DONE)}.")
    try:
        row = await _do(volunteers(request), action, written)
    except RuleRefused as refused:
        error = asked.sentence(view(request), refused.said)
        status = _STATUSES.get(refused.kind, 409)
        return await _page(request, status=status, error=error, written=written)
    except ValueError:
        error = view(request).t("Số ghi chưa đúng.", "A number is wrong.")
        return await _page(request, status=422, error=error, written=written)
    return RedirectResponse(f"/volunteers?task={row}&done={action}", 303, headers=NOT_KEPT)


async def _do(at_desk: Volunteers, action: str, written: Mapping[str, str]) -> str:
    """Do what a form asks for; the id of the task.

    Raises:
        ValueError: a number is none, or too large.
    """
    if action == "sos":
        numbers = {name: int(written.get(name, "")) for name in ("wanted", "hours")}
        wanted = given.SosTask.model_validate({"skill": written.get("skill") or None, **numbers})
        named = written.get("sos", "")[:40]
        return str(await at_desk.sos_task(named, wanted.skill, wanted.wanted, wanted.hours))
    task = row_of(written.get("task", ""))
    if action == "assign":
        await at_desk.assign(task, row_of(written.get("volunteer", "")))
    elif action == "withdraw":
        row = row_of(written.get("assignment", ""))
        await at_desk.act("volunteer_assignments_withdraw", row, {})
    else:
        text = written.get("hours", "").replace(",", ".")
        hours = float(text) if text else None
        if hours is not None and not 0 <= hours <= LONGEST_HOURS:
            raise ValueError("hours")
        await at_desk.act("volunteer_tasks_finish", task, {} if hours is None else {"hours": hours})
    return str(task)


async def _page(
    request: Request,
    *,
    status: int = 200,
    error: str = "",
    written: Mapping[str, str] | None = None,
) -> Response:
    at_desk, units = volunteers(request), await datasets.units(services(request))
    seen, session = view(request, units), session_of(request)
    query = request.query_params
    sos = (written or {}).get("sos", "") or query.get("sos", "")[:40]
    chosen = (written or {}).get("task", "") or query.get("task", "")
    task, near, tasks = None, [], []
    try:
        tasks = await at_desk.tasks()
        if sos and not chosen:
            chosen = (await at_desk.of_sos(sos))["task"] or ""
        if chosen:
            row = row_of(chosen)
            task = await at_desk.task(row)
            if task["state"] == "open":
                near = await at_desk.near(row)
    except RuleRefused as refused:
        error = error or asked.sentence(seen, refused.said)
        status = max(status, _STATUSES.get(refused.kind, 409))
    said = query.get("done", "")
    return seen.render(
        "volunteers.html",
        status_code=status,
        headers=NOT_KEPT,
        tasks=[_line(seen, one) for one in tasks],
        task=None if task is None else _task(seen, task),
        near=[_person(seen, one) for one in near],
        sos=sos,
        skills=asked.options(seen, SKILL),
        keeps=caller_of(request).role in (Role.OFFICER, Role.ADMIN),
        csrf=session.csrf if session else "",
        error=error,
        done=seen.say(_DONE[said]) if said in _DONE and not error else "",
    )


def _line(seen: View, task: Mapping[str, Any]) -> dict[str, Any]:
    """A task as a list shows it."""
    instant, unit = seen.presenter.instant, seen.presenter.units.get(task["commune_code"] or "")
    skill = task["skill"]
    place = "" if task["place"] != "sos" else f" ({seen.say(TASK_PLACE.codes[1].title)})"
    return {
        **task,
        "kind_title": KIND.title_of(task["kind"], seen.language),
        "skill_title": "" if skill is None else SKILL.title_of(skill, seen.language),
        "state_title": TASK_STATE.title_of(task["state"], seen.language),
        "place_title": (unit.name if unit else "") + place,
        "begins": instant(datetime.fromisoformat(task["starts_at"])),
        "ends": instant(datetime.fromisoformat(task["ends_at"])),
    }


def _task(seen: View, task: Mapping[str, Any]) -> dict[str, Any]:
    people = [
        {**one, "state_title": ASSIGNMENT_STATE.title_of(one["state"], seen.language)}
        for one in task["people"]
    ]
    return {**_line(seen, task), "people": people}


def _person(seen: View, one: Mapping[str, Any]) -> dict[str, Any]:
    titles = {code.value: seen.say(code.title) for code in (*SKILL.codes, *MEANS.codes)}
    unit = seen.presenter.units.get(one["commune_code"] or "")
    return {
        **one,
        # Whose commune nobody wrote down comes last, however near.
        "km": None if one["metres"] is None else round(one["metres"] / 1000, 1),
        "skills": [titles[code] for code in one["skills"] if code in titles],
        "place": unit.name if unit else "",
    }
