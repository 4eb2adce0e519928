"""`/api/volunteers/…` for who assigns, and the counts for everybody."""

from __future__ import annotations

import csv
import io
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from api.callers import caller_of
from api.consultations.desk import row_of
from api.identify import challenge
from api.ogc import datasets
from api.problems import Problem
from api.services import Services, services
from api.sos.given import read
from api.sos.staff import PRIVATE
from api.volunteers import given
from layers.volunteers import desk
from layers.volunteers.codes import SKILL
from layers.volunteers.desk import FEWEST, Volunteers

FORMS = ("json", "csv")
_SHARED = {"Cache-Control": "public, max-age=60"}


def volunteers(request: Request) -> Volunteers:
    """The volunteers of a signed-in caller; what the caller may do, PostgreSQL decides.

    Raises:
        Problem: 401, nobody is signed in.
    """
    caller = caller_of(request)
    if caller.account is None:
        raise challenge("Cần đăng nhập. / Sign in to assign volunteers.", basic=False)
    return Volunteers(services(request).database, caller)


def _told(body: Any) -> Response:
    return Response(orjson.dumps(body), headers=PRIVATE, media_type="application/json")


async def tasks(request: Request) -> Response:
    """`GET /api/volunteers/tasks`: the open tasks that the caller may assign to."""
    return _told({"tasks": await volunteers(request).tasks()})


async def task(request: Request) -> Response:
    """`GET /api/volunteers/tasks/{row}`: a task with who is assigned, and who else suits."""
    at_desk, row = volunteers(request), row_of(request.path_params["row"])
    return _told({**await at_desk.task(row), "near": await at_desk.near(row)})


async def assign(request: Request) -> Response:
    """`POST /api/volunteers/tasks/{row}/assignments`: somebody gets the task; the task then."""
    at_desk, row = volunteers(request), row_of(request.path_params["row"])
    body = await read(request, given.Assigning)
    return _told(await at_desk.assign(row, body.volunteer))


async def of_sos(request: Request) -> Response:
    """`GET /api/volunteers/sos/{request}`: how many volunteers an SOS has."""
    return _told(await volunteers(request).of_sos(_named(request)))


async def for_sos(request: Request) -> Response:
    """`POST /api/volunteers/sos/{request}`: the task of an SOS, made if there is none."""
    at_desk, named = volunteers(request), _named(request)
    body = await read(request, given.SosTask)
    row = await at_desk.sos_task(named, body.skill, body.wanted, body.hours)
    return _told({"task": str(row)})


def _named(request: Request) -> str:
    named: str = request.path_params["request"]
    if len(named) > 40 or "\x00" in named:
        raise Problem(404, "Không có yêu cầu này. / There is no such request.")
    return named


async def counts(request: Request) -> Response:
    """`GET /api/volunteers/counts`: volunteers by district and skill, five or more; for everybody.

    Raises:
        Problem: 400, a parameter is wrong.
    """
    form = request.query_params.get("f", "json")
    if set(request.query_params) - {"f"} or form not in FORMS:
        raise Problem(400, f"f: {form[:20]!r} must be one of: {', '.join(FORMS)}; there is only f.")
    found = await counted(services(request))
    if form == "csv":
        return Response(_csv(found), headers=_SHARED, media_type="text/csv; charset=utf-8")
    body = {"least": FEWEST, "counts": found}
    return Response(orjson.dumps(body), headers=_SHARED, media_type="application/json")


async def counted(served: Services) -> list[dict[str, Any]]:
    """Volunteers by district and skill; the skill `any` is of all of a district."""
    row = await served.database.call(desk.COUNTS, FEWEST)
    units = await datasets.units(served)
    return [
        {**one, "district": units[one["district_code"]].name}
        for one in orjson.loads(row["found"])
        if one["district_code"] in units
    ]


def _csv(found: list[dict[str, Any]]) -> str:
    # A byte order mark, so that spreadsheets read the letters; the second line is for HXL.
    text = io.StringIO("\ufeff", newline="")
    text.seek(0, io.SEEK_END)
    writer = csv.writer(text)
    writer.writerow(["district_code", "district", "skill", "skill_vi", "volunteers"])
    writer.writerow(["#adm2+code", "#adm2+name", "#capacity+code", "#capacity", "#reached"])
    titles = {code.value: code.title.vi for code in SKILL.codes}
    for one in found:
        writer.writerow(
            [
                one["district_code"],
                one["district"],
                one["skill"],
                titles.get(one["skill"], "Tất cả"),
                one["volunteers"],
            ]
        )
    return text.getvalue()
