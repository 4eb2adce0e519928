"""`/api/results`: results of analysis that are kept, with all that makes each again.

Who reads which, PostgreSQL decides by row-level security; who keeps and removes, its functions.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

import asyncpg
import orjson
from pydantic import AwareDatetime, Field
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.callers import caller_of
from api.identify import challenge
from api.negotiation import Media
from api.ogc import parameters
from api.ogc.operations import Parameter, read
from api.ogc.styles import STYLES, file_answer
from api.problems import Problem
from api.services import Services, services
from api.sos import given
from layers.analysis.kept import LONGEST_TITLE, READ, collection_of, title_of
from layers.analysis.processes import PROCESSES, open_to, process_of
from layers.database import RuleRefused
from layers.roles import Caller, Role
from spatial.errors import BadInput
from spatial.sql import Sql, bind, sql

KEEPERS = (Role.ANALYST, Role.OFFICER, Role.COORDINATOR, Role.ADMIN)
"""Who is offered to keep results; the database has the last word."""
_NONE = "Không có kết quả này. / There is no such result."
_READ_ONLY = "Khóa này chỉ được đọc. / This key may only read."
QML = Media("qml", "application/xml", "QGIS")
_PRIVATE = {"Cache-Control": "private, no-store"}
_COLLECTIONS = sorted(one.collection for one in PROCESSES.values() if one.collection)
_LISTED = parameters.indexed(
    Parameter(
        "collection",
        "Only results that this layer shows.",
        {"type": "string", "enum": _COLLECTIONS},
        parameters.one_of(_COLLECTIONS),
    )
)


class Kept(given.Given):
    """What is sent to keep a job's result."""

    job: Annotated[UUID, Field(strict=False)]
    title: Annotated[str, Field(min_length=1, max_length=LONGEST_TITLE)]
    expires: Annotated[AwareDatetime | None, Field(strict=False)] = None


async def listed(request: Request) -> Response:
    """`GET /api/results`: those that the caller may read, the newest first."""
    values = read(request, _LISTED)
    served, caller = services(request), caller_of(request)
    only = sql("true")
    if "collection" in values:
        only = sql("collection = {}", bind(values["collection"], "text"))
    rows = await _rows(served, caller, only)
    return _answer(
        {
            "results": [_told(row) for row in rows],
            "may_keep": _may_keep(caller),
            "may_run": open_to(caller.role),
        }
    )


async def detail(request: Request) -> Response:
    """`GET /api/results/{id}`: a result's provenance."""
    read(request, {})
    return _answer(_told(await _one(request, "summary")))


async def features(request: Request) -> Response:
    """`GET /api/results/{id}/features`: what the process gave, to the octet."""
    read(request, {})
    row = await _one(request, "body")
    etag = f'"{row["sha256"]}"'
    headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
    if etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(bytes(row["body"]), headers=headers, media_type=row["media_type"])


async def qgis_style(request: Request) -> Response:
    """`GET /api/results/styles/{process}.qml`: how QGIS draws what a process finds.

    Raises:
        Problem: 404, it finds nothing that has a style of its own.
    """
    read(request, {})
    process = PROCESSES.get(request.path_params["process"])
    path = None if process is None else STYLES / "qgis" / f"{process.id}.qml"
    if path is None or not path.is_file():
        raise Problem(404, "There is no style for QGIS of this name.")
    return file_answer(request, path, QML)


async def keep(request: Request) -> Response:
    """`POST /api/results`: keep the result of a finished job.

    Raises:
        Problem: 401 or 403, the caller may not; 404, there is no such job; 409, it has no result,
            or as many are kept as may be; 422, a field breaks its rule.
    """
    read(request, {})
    caller = _signed_in(request)
    served = services(request)
    body = await given.read(request, Kept)
    expires = _expires(served, body.expires)
    try:
        title = title_of(body.title)
        async with served.database.serving() as connection:
            # As the server for one caller: a load that is one entry of the change feed.
            await _act(connection, caller)
            process = await connection.fetchval(
                "SELECT process FROM private.analysis_job WHERE id = $1", body.job
            )
            if process is None:
                raise RuleRefused("missing", "Không có tác vụ này. / There is no such job.")
            kept = await connection.fetchval(
                "SELECT dieuhanh.keep_result($1, $2, $3, $4, $5, $6)",
                body.job,
                collection_of(process_of(process)),
                title,
                expires,
                served.settings.results,
                served.settings.result_features,
                timeout=120,
            )
    except BadInput as error:
        raise Problem(422, f"{error.vi} / {error.en}") from error
    rows = await _rows(served, caller, sql("id = {}", bind(kept, "uuid")))
    answer = _answer(_told(rows[0]))
    answer.status_code = 201
    answer.headers["Location"] = f"/api/results/{kept}"
    return answer


async def remove(request: Request) -> Response:
    """`DELETE /api/results/{id}`: remove a result and its features."""
    read(request, {})
    caller = _signed_in(request)
    async with services(request).database.serving() as connection:
        await _act(connection, caller)
        await connection.execute("SELECT dieuhanh.remove_result($1)", _id(request), timeout=120)
    return Response(status_code=204)


def _signed_in(request: Request) -> Caller:
    caller = caller_of(request)
    if caller.account is None:
        raise challenge("Cần đăng nhập. / Sign in to keep results of analysis.", basic=False)
    if caller.read_only:
        raise Problem(403, _READ_ONLY)
    return caller


def _may_keep(caller: Caller) -> bool:
    return caller.account is not None and caller.role in KEEPERS and not caller.read_only


async def _act(connection: asyncpg.Connection[Any], caller: Caller) -> None:
    await connection.execute(
        "SELECT set_config('dieuhanh.account', $1, true), set_config('dieuhanh.bulk', 'on', true),"
        " set_config('statement_timeout', '120s', true)",
        str(caller.account),
    )


def _expires(served: Services, wanted: datetime | None) -> datetime:
    now = datetime.now(UTC)
    if wanted is None:
        return now + timedelta(days=served.settings.result_days)
    most = served.settings.result_days_most
    if not now < wanted <= now + timedelta(days=most):
        raise Problem(
            422,
            f"expires {wanted.isoformat()!r}: phải ở sau lúc này và trong vòng {most:g} ngày"
            f" / must be later than now, by {most:g} days at most",
        )
    return wanted


def _id(request: Request) -> UUID:
    try:
        return UUID(request.path_params["result"])
    except ValueError:
        raise Problem(404, _NONE) from None


async def _one(request: Request, more: str) -> Any:
    served, caller = services(request), caller_of(request)
    rows = await _rows(served, caller, sql("id = {}", bind(_id(request), "uuid")), more)
    if not rows:
        raise Problem(404, _NONE)
    return rows[0]


async def _rows(served: Services, caller: Caller, only: Sql, more: str = "summary") -> list[Any]:
    who = "" if caller.account is None else ", kept_by"
    # What a role may not compute it is not shown either.
    closed = sorted(PROCESSES.keys() - set(open_to(caller.role)))
    return await served.database.fetch(
        sql(
            f"SELECT {READ}{who}, {more} FROM dieuhanh.analysis_result"
            " WHERE {} AND NOT process = ANY({}) ORDER BY number DESC",
            only,
            bind(closed, "text[]"),
        ),
        caller,
    )


def _told(row: Any) -> dict[str, Any]:
    process = PROCESSES.get(row["process"])
    return {
        "id": str(row["id"]),
        "title": row["title"],
        "process": row["process"],
        "process_title": None
        if process is None
        else {"vi": process.title.vi, "en": process.title.en},
        "version": row["version"],
        "inputs": orjson.loads(row["inputs"]),
        "layer": row["layer"],
        "layer_version": row["layer_version"],
        "layer_versions": orjson.loads(row["layer_versions"]),
        "collection": row["collection"],
        "audience": row["audience"],
        "summary": orjson.loads(row["summary"]),
        "computed_at": row["computed_at"],
        "kept_at": row["kept_at"],
        **({"kept_by": row["kept_by"]} if "kept_by" in row else {}),
        "expires": row["expires"],
        "sha256": row["sha256"],
        "features": f"/api/results/{row['id']}/features",
    }


def _answer(body: Any) -> Response:
    return Response(orjson.dumps(body), headers=_PRIVATE, media_type="application/json")


ROUTES = [
    Route("/api/results", listed, methods=["GET"]),
    Route("/api/results", keep, methods=["POST"]),
    Route("/api/results/styles/{process}.qml", qgis_style, methods=["GET"]),
    Route("/api/results/{result}", detail, methods=["GET"]),
    Route("/api/results/{result}", remove, methods=["DELETE"]),
    Route("/api/results/{result}/features", features, methods=["GET"]),
]
