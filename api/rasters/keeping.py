"""`/api/rasters` for analysts: keep the raster that a job gave, or remove one."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.callers import caller_of
from api.negotiation import JSON
from api.ogc.bodies import read_body
from api.ogc.operations import read, shorten
from api.problems import Problem
from api.services import origin, services
from layers.layer import Text
from layers.rasters import rows
from layers.rasters.files import sweep
from layers.rasters.raster import Entry, check_id
from layers.rasters.registry import Store
from layers.rasters.results import keep_job
from layers.roles import Caller, Role
from spatial.errors import BadInput

KEEPERS = (Role.ANALYST, Role.ADMIN)
Title = Annotated[str, Field(min_length=1, max_length=200)]
Long = Annotated[str, Field(max_length=2000)]


class _Said(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Titles(_Said):
    """A title; without an English one the Vietnamese stands for both."""

    vi: Title
    en: Title | None = None


class Keep(_Said):
    """Which job's result is kept, and what it is called."""

    job: UUID
    id: str
    title: Titles
    description: Long = ""
    description_en: Long = ""


def _keeper(request: Request) -> Caller:
    """The caller, who may add and remove rasters.

    Raises:
        Problem: 401 or 403, it is somebody else.
    """
    caller = caller_of(request)
    if caller.account is None:
        raise Problem(401, "Sign in first.", headers={"WWW-Authenticate": "Basic"})
    if caller.role not in KEEPERS or caller.read_only:
        raise Problem(403, "Analysts and administrators keep and remove rasters.")
    return caller


async def keep(request: Request) -> Response:
    """`POST /api/rasters`: keep the result of a job of the caller's."""
    caller = _keeper(request)
    read(request, {})
    _, body = await read_body(request, (JSON,))
    try:
        said = Keep.model_validate_json(body)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"]) or "body"
        raise Problem(400, f"{name}: {first['msg']}") from None
    served = services(request)
    store = Store(served.settings.rasters, served.settings.rasters_mb)
    try:
        entry = Entry(
            check_id(said.id),
            Text(said.title.vi, said.title.en or said.title.vi),
            Text(said.description, said.description_en or said.description),
        )
        found = await keep_job(served.database, store, said.job, entry, caller)
    except BadInput as error:
        raise Problem(400, str(error)) from error
    if not found:
        raise Problem(404, f"There is no finished job {said.job} of yours.")
    address = f"{origin(request)}/ogc/collections/{entry.id}"
    return Response(
        orjson.dumps({"id": entry.id}), 201, {"Location": address}, media_type=JSON.type
    )


async def remove(request: Request) -> Response:
    """`DELETE /api/rasters/{id}`: remove a raster and its file."""
    _keeper(request)
    read(request, {})
    name = request.path_params["raster"]
    served = services(request)
    async with served.database.serving() as connection:
        found = await rows.remove(connection, name)
        await sweep(connection, served.settings.rasters)
    if not found:
        raise Problem(404, f"There is no raster {shorten(name)!r}.")
    return Response(status_code=204)


ROUTES = [
    Route("/api/rasters", keep, methods=["POST"]),
    Route("/api/rasters/{raster}", remove, methods=["DELETE"]),
]
