"""`/api/registers/{register}…`: rows listed, read, made, changed, and what is done to them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from api.ogc.operations import read
from api.problems import Problem
from api.registers import asking
from api.registers.desk import (
    PRIVATE,
    answered,
    changed,
    keeper,
    match_of,
    row_named,
    staff,
    told_row,
)
from api.services import services
from api.sos.bodies import read_json
from layers.layer import Record
from layers.registers.keeping import MOST_COUNTED, Keeper
from layers.registers.record import Register
from layers.validation import RowReceiver
from spatial.errors import BadInput


async def rows(request: Request) -> Response:
    """`GET /api/registers/{register}`: a page of the rows that the caller keeps."""
    at_register, register = await keeper(request)
    return await _page(at_register, register, read(request, asking.paged(register)))


async def search(request: Request) -> Response:
    """`POST /api/registers/{register}/search`: the same, also by words (`q`), from a JSON body."""
    at_register, register = await keeper(request)
    known = asking.searched(register)
    values: dict[str, Any] = {}
    for name, given in (await read_json(request)).items():
        if name not in known or not isinstance(given, str):
            names = ", ".join(known)
            raise Problem(400, f"{name[:40]!r}: must be a text, and one of {names}.")
        try:
            values[name] = known[name].parse(given)
        except ValueError as error:
            raise Problem(400, f"{name}: {error}.") from None
    return await _page(at_register, register, values)


async def _page(at_register: Keeper, register: Register, values: dict[str, Any]) -> Response:
    try:
        listing = asking.listing(register, values)
    except BadInput as error:
        raise Problem(400, f"after: {error}.") from error
    page = await answered(at_register.page(listing))
    matched = page.matched
    following = "null" if page.after is None else f'"{asking.cursor(page.after)}"'
    body = (
        f'{{"rows":[{",".join(page.rows)}],"next":{following},"numberMatched":{matched},'
        f'"isCounted":{"true" if matched < MOST_COUNTED else "false"}}}'
    )
    return Response(body, headers=PRIVATE, media_type="application/json")


async def row(request: Request) -> Response:
    """`GET /api/registers/{register}/{row}`."""
    at_register, _ = await keeper(request)
    read(request, {})
    return told_row(await answered(at_register.read(row_named(request))))


async def create(request: Request) -> Response:
    """`POST /api/registers/{register}`: one row; a client may make its id, a UUID."""
    at_register, register = await keeper(request)
    if register.adding is None:
        raise Problem(
            405,
            "Dòng của sổ này do máy chủ tạo. / The server makes the rows of this register.",
            headers={"Allow": "GET"},
        )
    given = await read_json(request)
    identifier = given.pop("id", None)
    draft = _receiver(request, register, creating=True).new_row(given)
    draft.identifier = _identifier(identifier)
    kept = await changed(request, register, at_register.create(draft))
    return told_row(kept, 201, f"/api/registers/{register.id}/{kept.identifier}")


def _identifier(given: Any) -> UUID | None:
    if given is None:
        return None
    try:
        return UUID(given)
    except (ValueError, TypeError, AttributeError):
        raise Problem(400, "id: must be a UUID.") from None


async def change(request: Request) -> Response:
    """`PATCH /api/registers/{register}/{row}`: a part of a row (RFC 7396)."""
    at_register, register = await keeper(request)
    match = match_of(request)
    draft = _receiver(request, register, creating=False).changed_row(await read_json(request))
    work = at_register.change(row_named(request), draft, match)
    return told_row(await changed(request, register, work))


async def remove(request: Request) -> Response:
    """`DELETE /api/registers/{register}/{row}`."""
    at_register, register = await keeper(request)
    work = at_register.remove(row_named(request), match_of(request))
    await changed(request, register, work)
    return Response(status_code=204, headers=PRIVATE)


async def act(request: Request) -> Response:
    """`POST /api/registers/{register}/{row}/{action}`: the row then."""
    at_register, register = await keeper(request)
    action = register.action(request.path_params["action"])
    if action is None:
        known = ", ".join(one.id for one in register.actions) or "-"
        raise Problem(404, f"Không có thao tác này. / There is no such action; there are: {known}.")
    facts = register.facts(action)
    given = await read_json(request, may_be_empty=True)
    draft = _reading(request, facts, [one.name for one in action.fields]).new_row(given)
    work = at_register.act(row_named(request), action.id, draft, match_of(request))
    return told_row(await changed(request, register, work))


def _receiver(request: Request, register: Register, *, creating: bool) -> RowReceiver:
    """Reads what the caller sends of a row; what nobody writes is refused in words."""
    staff(request)
    return _reading(request, register, register.written(creating=creating))


def _reading(request: Request, record: Record, written: Any) -> RowReceiver:
    zone = services(request).province.time_zone
    return RowReceiver(record, record.columns, written, zone)
