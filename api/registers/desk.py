"""What the handlers of registers have in common: which register, who asks, refusals in words."""

from __future__ import annotations

import re
from collections.abc import Awaitable
from typing import TypeVar
from uuid import UUID

import orjson
from starlette.requests import Request
from starlette.responses import Response

from api.callers import caller_of
from api.identify import challenge
from api.negotiation import JSON
from api.ogc.editing import hear
from api.ogc.refused import error_of
from api.problems import Problem, as_problem
from api.registers.numbers import load_numbers
from api.services import services
from layers.refusals import Contended, Invalid, NoFeature, NotAllowed, Refused, Stale
from layers.registers.catalogue import registers_of
from layers.registers.keeping import Keeper, Kept, reached
from layers.registers.record import Register
from layers.roles import Caller

Result = TypeVar("Result")

PRIVATE = {"Cache-Control": "private, no-store"}
_TAG = re.compile(r'(?:W/)?"v(\d{1,18})"')
_NO_REGISTER = "Không có sổ này. / There is no such register."
NO_ROW = "Sổ không có dòng này. / The register has no such row."
_DENIED = {
    "role": "Tài khoản của bạn không được làm việc này. / Your account may not do this here.",
    "row": "Dòng này nằm ngoài phần việc của bạn. / This row is outside of your part.",
    "key": "Khóa này chỉ để đọc. / The key that was shown may only read.",
}


def staff(request: Request) -> Caller:
    """The caller, who is signed in.

    Raises:
        Problem: 401, nobody is.
    """
    caller = caller_of(request)
    if caller.account is None:
        raise challenge("Cần đăng nhập để dùng sổ. / Sign in to use registers.", basic=False)
    return caller


def register_named(request: Request) -> Register:
    """The register of the address, with the province's own lists.

    Raises:
        Problem: 404, there is none.
    """
    register = registers_of(services(request).province).get(request.path_params["register"])
    if register is None:
        raise Problem(404, _NO_REGISTER)
    return register


async def keeper(request: Request) -> tuple[Keeper, Register]:
    """The keeper of the address's register for a caller who keeps some of its rows.

    Raises:
        Problem: 401, 403 or 404.
    """
    caller, register = staff(request), register_named(request)
    database = services(request).database
    if not await reached(database, {register.id: register}, caller):
        raise Problem(403, "Sổ này không thuộc phần việc của bạn. / This register is not yours.")
    numbers = await load_numbers(database)
    return Keeper(database, register, caller, numbers), register


def row_named(request: Request) -> UUID:
    """The row of the address.

    Raises:
        Problem: 404, it is no row's id.
    """
    try:
        return UUID(request.path_params["row"])
    except ValueError:
        raise Problem(404, NO_ROW) from None


def match_of(request: Request) -> int | None:
    """The version that a change was made from, by If-Match; None where none is named.

    Raises:
        Problem: 400 for what is no tag of a row.
    """
    text = request.headers.get("if-match", "").strip()
    if text in ("", "*"):
        return None
    found = _TAG.fullmatch(text)
    if found is None:
        raise Problem(400, f"If-Match {text[:60]!r} is no ETag of a row.")
    return int(found[1])


async def answered(work: Awaitable[Result]) -> Result:
    """The outcome of something that is done in a register.

    Raises:
        Problem: it was refused, and why.
    """
    try:
        return await work
    except Refused as refused:
        raise problem_of(refused) from refused


async def changed(request: Request, register: Register, work: Awaitable[Result]) -> Result:
    """The outcome of a change, once this worker knows what it did to the layers of places.

    So that whoever made it then reads it on the map. Raises as `answered` does.
    """
    outcome = await answered(work)
    if register.places:
        served = services(request)
        row = await served.database.call(
            "SELECT array_agg(layer) AS layers, array_agg(version) AS versions FROM ("
            "SELECT layer, max(version) AS version FROM dieuhanh.commit_log"
            " WHERE layer = ANY ($1::text[]) GROUP BY layer) AS l",
            list(register.places),
        )
        for layer, version in zip(row["layers"] or (), row["versions"] or (), strict=True):
            await hear(served.feed, layer, version)
    return outcome


def problem_of(refused: Refused) -> Problem:
    """A refusal as an answer, in both languages."""
    if isinstance(refused, NotAllowed):
        return Problem(403, _DENIED[refused.because])
    if isinstance(refused, NoFeature):
        return Problem(404, NO_ROW)
    if isinstance(refused, Stale):
        return Problem(
            412,
            "Dòng này vừa được người khác sửa; hãy mở lại."
            " / Somebody has changed this row meanwhile; open it again.",
        )
    if isinstance(refused, Contended):
        return as_problem(refused)
    assert isinstance(refused, Invalid)
    errors = [error_of(fault) for fault in refused.faults]
    return Problem(
        409 if refused.conflict else 422,
        "Có giá trị trái quy tắc, xem `errors`. / Values break rules; see `errors`.",
        errors=errors,
    )


def told(body: object, status: int = 200) -> Response:
    """An answer that nothing keeps."""
    return Response(orjson.dumps(body), status, PRIVATE, media_type=JSON.type)


def told_row(kept: Kept, status: int = 200, address: str | None = None) -> Response:
    """A row with its ETag."""
    headers = {**PRIVATE, "ETag": f'"v{kept.version}"'}
    if address is not None:
        headers["Location"] = address
    return Response(kept.row, status, headers, media_type=JSON.type)
