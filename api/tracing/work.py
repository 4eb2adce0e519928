"""The handlers of `/api/tracing`. What a caller may do, PostgreSQL decides; looks are recorded."""

from __future__ import annotations

import asyncio
import math
import tempfile
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api.callers import caller_of
from api.cards import BadCard, load_keys, read_token
from api.identify import challenge
from api.keyed import hashed, load_key
from api.negotiation import CSV, Media
from api.ogc import parameters
from api.ogc.bodies import read_body
from api.ogc.formats import XLSX
from api.ogc.operations import Parameter
from api.ogc.operations import read as read_query
from api.pace import Pace
from api.problems import Problem
from api.services import Services, services
from api.sos.given import read
from api.sos.staff import PRIVATE, told
from api.tracing import given
from layers.tracing.desk import Asked, Bounds, Sought, Tracing

MOST_LISTED = 200
EVIDENCE = 20
"""Meetings that are kept of a contact."""
_PLAIN_CSV = Media("csv", "text/csv", "CSV")
_DRY = parameters.indexed(
    Parameter(
        "dry_run",
        "`true`: check everything and write nothing.",
        {"type": "boolean"},
        parameters.one_of(["true", "false"]),
    )
)
_NOBODY = "Không đọc được mã QR này. / This is no card of ours, or it is over."
_SEARCHING = asyncio.Semaphore(1)
"""Searches of a worker at a time: one takes a core, and memory for its sorting."""


def _tracing(request: Request) -> Tracing:
    caller = caller_of(request)
    if caller.account is None:
        raise challenge("Cần đăng nhập. / Sign in to work on contact tracing.", basic=False)
    return Tracing(services(request).database, caller)


def _request(request: Request) -> UUID:
    try:
        return UUID(request.path_params["trace"])
    except ValueError:
        raise Problem(
            404, "Không có yêu cầu truy vết này. / There is no such request for tracing."
        ) from None


def _contact(request: Request) -> int:
    text: str = request.path_params["contact"]
    if not text.isascii() or not text.isdecimal() or len(text) > 18:
        raise Problem(404, "Không có người tiếp xúc này. / There is no such contact.")
    return int(text)


async def listed(request: Request) -> Response:
    """`GET /api/tracing`: the newest requests of the caller's part."""
    return told(await _tracing(request).requests(MOST_LISTED))


async def ask(request: Request) -> Response:
    """`POST /api/tracing`: a request, which somebody else has to approve.

    Raises:
        Problem: 404, there is no such person in the caller's part; 422; 429, asked too soon again.
    """
    tracing = _tracing(request)
    body = await read(request, given.Asking)
    _pace(request, services(request).settings.trace_ask_seconds)
    asked = Asked(
        body.reason,
        body.case_ref,
        body.days,
        int(body.least.total_seconds()),
        body.orders,
        body.name or None,
        body.until,
    )
    return told(await tracing.ask(asked, await _sought(services(request), body)))


async def _sought(served: Services, body: given.Asking) -> Sought:
    if body.token:
        try:
            return Sought(card=read_token(await load_keys(served.database), body.token))
        except BadCard:
            raise Problem(422, _NOBODY) from None
    key = await load_key(served.database)
    if body.identity:
        return Sought(identity=hashed(key, "identity", body.identity))
    return Sought(phone=hashed(key, "phone", body.phone or ""))


def _pace(request: Request, seconds: float) -> None:
    state = request.app.state
    if not hasattr(state, "trace_asks"):
        state.trace_asks = Pace()
    wait = state.trace_asks.wait(caller_of(request).account, seconds)
    if wait > 0:
        raise Problem(
            429,
            "Vừa gửi yêu cầu; hãy đợi một chút. / A request was just made; wait a moment.",
            headers={"Retry-After": str(math.ceil(wait))},
        )


async def one(request: Request) -> Response:
    """`GET /api/tracing/{trace}`: a request, and who has looked at it."""
    return told(await _tracing(request).one(_request(request)))


async def decide(request: Request) -> Response:
    """`POST /api/tracing/{trace}/decision`: approve or refuse what somebody else has asked."""
    tracing = _tracing(request)
    body = await read(request, given.Deciding)
    hours = services(request).settings.trace_approval_hours
    return told(await tracing.decide(_request(request), body.approve, body.note, hours))


async def search(request: Request) -> Response:
    """`POST /api/tracing/{trace}/search`: search once, and keep what is found."""
    tracing, settings = _tracing(request), services(request).settings
    bounds = Bounds(
        settings.trace_stay_hours,
        min(settings.trace_dwell_minutes, settings.trace_stay_hours * 60),
        settings.trace_contacts,
        settings.trace_second_contacts,
        EVIDENCE,
        settings.trace_seconds,
    )
    async with _SEARCHING:
        return told(await tracing.search(_request(request), bounds))


async def result(request: Request) -> Response:
    """`POST /api/tracing/{trace}/result`: a page of the contacts, and where they met."""
    tracing = _tracing(request)
    body = await read(request, given.Paging)
    return told(
        await tracing.result(_request(request), body.degree, body.state, body.after, body.limit)
    )


async def close(request: Request) -> Response:
    """`POST /api/tracing/{trace}/close`: nobody sees its contacts any more."""
    return told(await _tracing(request).close(_request(request)))


async def contact(request: Request) -> Response:
    """`POST /api/tracing/contacts/{contact}`: a contact in full; the look is recorded."""
    return told(await _tracing(request).contact(_contact(request)))


async def mark(request: Request) -> Response:
    """`PUT /api/tracing/contacts/{contact}`: what became of a contact."""
    tracing = _tracing(request)
    body = await read(request, given.Marking)
    return told(await tracing.mark(_contact(request), body.state, body.note or None))


async def handed(request: Request) -> Response:
    """`POST /api/tracing/handed`: contacts of the caller's districts found by others' requests."""
    tracing = _tracing(request)
    body = await read(request, given.Handed)
    return told(await tracing.handed(body.state, body.limit))


async def figures(request: Request) -> Response:
    """`GET /api/tracing/figures`: requests that wait, and contacts nobody has called yet."""
    return told(await _tracing(request).figures())


async def export(request: Request) -> Response:
    """`POST /api/tracing/{trace}/export`: the tracers' list as XLSX or CSV; it is recorded."""
    tracing = _tracing(request)
    body = await read(request, given.Exporting)
    found = orjson.loads(await tracing.export(_request(request)))
    # It needs a library that most workers never load.
    from api.tracing.sheet import write_csv, write_workbook

    write = write_workbook if body.format == "xlsx" else write_csv
    made = await run_in_threadpool(write, found, services(request).province.time_zone)
    media = XLSX if body.format == "xlsx" else CSV
    name = f'attachment; filename="{found["code"]}.{body.format}"'
    return Response(made, headers={**PRIVATE, "Content-Disposition": name}, media_type=media.type)


async def take(request: Request) -> Response:
    """`POST /api/tracing/proximity`: contacts of devices as CSV or XLSX, all rows or none."""
    tracing, served = _tracing(request), services(request)
    is_dry = read_query(request, _DRY).get("dry_run") == "true"
    essence, body = await read_body(request, (XLSX, _PLAIN_CSV))
    key = await load_key(served.database)
    from layers.importing.problems import ImportFailed
    from layers.tracing.proximity import read_file, to_json

    with tempfile.TemporaryDirectory(prefix="dieuhanh-import-") as folder:
        path = Path(folder) / f"proximity{'.csv' if essence == _PLAIN_CSV.type else '.xlsx'}"
        path.write_bytes(body)
        try:
            found = await run_in_threadpool(
                read_file,
                path,
                served.province.time_zone,
                most=served.settings.trace_import,
                keep_days=served.settings.check_in_keep_days,
            )
        except ImportFailed as error:
            raise Problem(400, f"{error.vi} / {error.en}") from error
    outcome: dict[str, Any] = {
        "read": found.rows,
        "bad": found.bad,
        "ignored": list(found.ignored),
        "problems": [
            {"line": at.line, "column": at.column, "value": at.value,
             "rule": {"vi": at.reason.vi, "en": at.reason.en}}
            for at in found.problems
        ],
    }  # fmt: skip
    if found.bad and not is_dry:
        raise Problem(
            422,
            f"{found.bad} / {found.rows} dòng có lỗi, không ghi dòng nào."
            f" / {found.bad} of {found.rows} rows have problems; none was written.",
            **outcome,
        )
    rows = to_json(found.read, lambda kind, value: hashed(key, kind, value))
    new = await tracing.take_proximity(
        rows, write=not is_dry, seconds=served.settings.trace_seconds
    )
    return told(orjson.dumps({**outcome, "new": new, "written": not is_dry}).decode())
