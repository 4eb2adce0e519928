"""The operations of OGC API Processes part 1 (18-062r2), as the API's definition lists them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import orjson
from starlette.requests import Request
from starlette.responses import Response

from api.analysis.front import forward
from api.negotiation import GEOJSON, HTML, JSON, negotiate
from api.ogc import parameters
from api.ogc.bodies import read_body
from api.ogc.html import page
from api.ogc.operations import Operation, Parameter, Schema, read
from api.problems import Problem
from api.rasters.parameters import GEOTIFF

MEDIA = (JSON, HTML)
_PROCESS: dict[str, Schema] = {"process": {"type": "string"}}
_JOB: dict[str, Schema] = {"job": {"type": "string", "format": "uuid"}}
_PREFER = {
    "Prefer": "`respond-async`: answer at once with the job's address instead of its result."
}


def _common() -> tuple[Parameter, ...]:
    return (parameters.f(MEDIA), parameters.lang())


def _paged() -> tuple[Parameter, ...]:
    return (*_common(), parameters.limit(), parameters.offset())


def _page(
    template: str, known: Callable[[], tuple[Parameter, ...]]
) -> Callable[[Request], Awaitable[Response]]:
    """A handler that shows what the analysis process says, to programs and to people."""
    indexed = parameters.indexed(*known())

    async def handler(request: Request) -> Response:
        read(request, indexed)
        media = negotiate(request, MEDIA)
        answer = await forward(request)
        if media is JSON or answer.status_code >= 400:
            return answer
        return await page(request, template, data=orjson.loads(bytes(answer.body)))

    return handler


async def execute(request: Request) -> Response:
    """POST `/ogc/processes/{process}/execution`: run a process (7.11)."""
    read(request, {})
    _, body = await read_body(request, (JSON,))
    try:
        asked = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Problem(400, f"The body is no JSON: {error}.") from None
    if not isinstance(asked, dict) or not isinstance(asked.get("inputs", {}), dict):
        raise Problem(400, "The body must be an object with `inputs`, an object by input names.")
    return await forward(request, body)


async def results(request: Request) -> Response:
    """`/ogc/jobs/{job}/results`: what a job gave (7.13)."""
    read(request, {})
    return await forward(request)


async def dismiss(request: Request) -> Response:
    """DELETE `/ogc/jobs/{job}`: end a job and forget its result (14)."""
    read(request, {})
    return await forward(request)


OPERATIONS = (
    Operation(
        path="/processes",
        name="processes",
        summary="The processes: what can be computed from the layers",
        tag="processes",
        handler=_page("processes.html", _paged),
        media=MEDIA,
        schema="processes",
        parameters=lambda _: _paged(),
    ),
    Operation(
        path="/processes/{process}",
        name="process",
        summary="A process: its inputs and outputs",
        tag="processes",
        handler=_page("process.html", _common),
        media=MEDIA,
        schema="process",
        parameters=lambda _: _common(),
        path_parameters=_PROCESS,
    ),
    Operation(
        path="/processes/{process}/execution",
        name="execute",
        summary="Run a process",
        tag="processes",
        handler=execute,
        media=(GEOJSON, JSON, GEOTIFF),
        schema="result",
        method="POST",
        accepts=(JSON,),
        body="execute",
        headers=_PREFER,
        path_parameters=_PROCESS,
        statuses={"200": "The result.", "201": "The job has begun; its address is in `Location`."},
        refusals=("404", "413", "415", "429", "503"),
    ),
    Operation(
        path="/jobs",
        name="jobs",
        summary="The jobs of the account that asks",
        tag="processes",
        handler=_page("jobs.html", _paged),
        media=MEDIA,
        schema="jobs",
        parameters=lambda _: _paged(),
    ),
    Operation(
        path="/jobs/{job}",
        name="job",
        summary="How a job stands",
        tag="processes",
        handler=_page("job.html", _common),
        media=MEDIA,
        schema="statusInfo",
        parameters=lambda _: _common(),
        path_parameters=_JOB,
    ),
    Operation(
        path="/jobs/{job}",
        name="dismiss",
        summary="End a job and remove its result",
        tag="processes",
        handler=dismiss,
        media=(JSON,),
        schema="statusInfo",
        method="DELETE",
        path_parameters=_JOB,
        refusals=("404", "503"),
    ),
    Operation(
        path="/jobs/{job}/results",
        name="results",
        summary="The result of a job",
        tag="processes",
        handler=results,
        media=(GEOJSON, JSON, GEOTIFF),
        schema="result",
        path_parameters=_JOB,
        refusals=("404", "410", "503"),
    ),
)
