"""The desk of a point, the figures of staff, and the public progress."""

from __future__ import annotations

import csv
import io
from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg
import orjson
from starlette.requests import Request
from starlette.responses import Response

from api import cards
from api.callers import caller_of
from api.identify import challenge
from api.keyed import hashed, load_key
from api.ogc import parameters
from api.ogc.operations import Parameter
from api.ogc.operations import read as read_query
from api.problems import Problem
from api.services import services
from api.sos.given import read
from api.sos.staff import PRIVATE
from api.vaccination import given
from layers.layer import Text
from layers.roles import Caller

_PLACE = parameters.indexed(
    Parameter(
        "place",
        "The point, `vaccination_points/` and its number.",
        {"type": "string"},
        lambda text: text,
    )
)
_PUBLIC = {"Cache-Control": "public, max-age=60"}


def staff(request: Request) -> Caller:
    """The caller, who is signed in.

    Raises:
        Problem: 401, nobody is.
    """
    caller = caller_of(request)
    if caller.account is None:
        raise challenge("Cần đăng nhập để làm ở điểm tiêm. / Sign in to work here.", basic=False)
    return caller


async def _acting(
    request: Request, work: Callable[[Any], Awaitable[Any]], *, read_only: bool
) -> Any:
    caller = staff(request)
    database = services(request).database
    try:
        async with database.acting(caller, read_only=read_only or caller.read_only) as connection:
            return await work(connection)
    except asyncpg.InsufficientPrivilegeError as error:
        raise Problem(
            403, "Vai trò của bạn không làm việc này. / Your role may not do this."
        ) from error
    except asyncpg.ReadOnlySQLTransactionError as error:
        raise Problem(
            403, "Khóa này chỉ để đọc. / The key that was shown may only read."
        ) from error


async def desk(request: Request) -> Response:
    """`GET /api/vaccination/desk`: today's sessions, who is expected, visits, lots of a point."""
    place = read_query(request, _PLACE).get("place", "")
    body = await _acting(
        request,
        lambda c: c.fetchval("SELECT dieuhanh.vaccination_desk($1)::text", place),
        read_only=True,
    )
    return Response(body, headers=PRIVATE, media_type="application/json")


async def arrive(request: Request) -> Response:
    """`POST /api/vaccination/arrive`: somebody comes; the number of the visit."""
    staff(request)
    one = await read(request, given.Arrival)
    database = services(request).database
    card = None
    if one.token:
        try:
            card = cards.read_token(await cards.load_keys(database), one.token)
        except cards.BadCard as bad:
            text = (
                Text("Mã QR này đã hết hạn.", "This card has expired.")
                if bad.is_over
                else Text("Không phải mã QR của máy chủ này.", "No card of this server's.")
            )
            raise Problem(422, f"{text.vi} / {text.en}") from None
    identity = None
    if one.identity:
        identity = hashed(await load_key(database), "identity", one.identity)
    visit = await _acting(
        request,
        lambda c: c.fetchval(
            "SELECT dieuhanh.vaccination_arrive($1, $2, $3, $4, $5)",
            one.place,
            card,
            identity,
            one.registration,
            one.anyway,
        ),
        read_only=False,
    )
    return Response(
        orjson.dumps({"visit": str(visit)}), headers=PRIVATE, media_type="application/json"
    )


async def figures(request: Request) -> Response:
    """`GET /api/vaccination/figures`: what waits for somebody: corrections, reactions, stock."""
    read_query(request, {})
    body = await _acting(
        request,
        lambda c: c.fetchval("SELECT dieuhanh.vaccination_figures()::text"),
        read_only=True,
    )
    return Response(body, headers=PRIVATE, media_type="application/json")


async def progress(request: Request) -> Response:
    """`GET /api/vaccination/progress`: doses by district, group and number, none under five."""
    read_query(request, {})
    row = await services(request).database.call("SELECT dieuhanh.vaccination_progress()::text")
    return Response(row[0], headers=_PUBLIC, media_type="application/json")


async def progress_csv(request: Request) -> Response:
    """`GET /api/vaccination/progress.csv`: its cells; of a district's total the group is `*`."""
    read_query(request, {})
    row = await services(request).database.call("SELECT dieuhanh.vaccination_progress()::text")
    told = orjson.loads(row[0])
    names = {one["district"]: one["name"] for one in told["districts"]}
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(("district", "name", "priority_group", "number", "doses"))
    totals = ({**one, "priority_group": "*"} for one in told["districts"])
    for one in (*totals, *told["cells"]):
        doses = "" if one["doses"] is None else one["doses"]
        district = one["district"]
        writer.writerow(
            (district, names.get(district), one["priority_group"], one["number"], doses)
        )
    headers = {**_PUBLIC, "Content-Disposition": 'attachment; filename="vaccination.csv"'}
    return Response("\ufeff" + text.getvalue(), headers=headers, media_type="text/csv")
