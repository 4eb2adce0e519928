"""The application of the analysis process: pygeoapi's handlers behind a socket of the server's.

Only the workers speak to it (`api/analysis/front.py`). They say who the caller is and under which
address the client sees the server.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson
from pygeoapi.api import API, APIRequest
from pygeoapi.api import processes as handlers
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.analysis.briefings import Briefings, why_without
from api.analysis.front import CALLER_HEADER, ORIGIN_HEADER
from api.analysis.manager import CALLER, PLACE, Place
from api.analysis.operations import LISTED
from api.analysis.pictures import pictures
from api.analysis.runner import Runner
from api.problems import Problem, response
from api.settings import Settings
from layers.analysis.processes import PROCESSES
from layers.province import Province, load_province
from layers.roles import Caller

_TYPES = {
    "NoSuchProcess": "no-such-process",
    "NoSuchJob": "no-such-job",
    "ResultNotReady": "result-not-ready",
}
_EXCEPTIONS = "http://www.opengis.net/def/exceptions/ogcapi-processes-1/1.0"


def create_analysis_app(settings: Settings) -> Starlette:
    """The application; its start opens the queue."""
    province = load_province(settings.province_folder)
    apis = lru_cache(maxsize=16)(lambda origin: API(_configuration(province, origin), {}))

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        runner = Runner(settings, str(settings.province_folder))
        await runner.open()
        app.state.place = Place(runner, asyncio.get_running_loop(), settings.analysis_wait)
        app.state.briefings = Briefings(settings, province, runner)
        try:
            yield
        finally:
            await runner.close()

    def handled(function: Callable[..., Any], *names: str) -> Callable[[Request], Any]:
        async def endpoint(request: Request) -> Response:
            PLACE.set(request.app.state.place)
            CALLER.set(Caller.from_json(orjson.loads(request.headers[CALLER_HEADER])))
            gone = await _without_result(request, function)
            if gone is not None:
                return gone
            api = apis(request.headers[ORIGIN_HEADER])
            asked = await APIRequest.from_starlette(request, api.locales)
            values = [request.path_params[name] for name in names]
            headers, status, content = await run_in_threadpool(function, api, asked, *values)
            return _answer(headers, int(status), content, "job" in names)

        return endpoint

    async def briefing(request: Request) -> Response:
        caller = Caller.from_json(orjson.loads(request.headers[CALLER_HEADER]))
        job, form = request.path_params["job"], request.path_params["form"]
        made = request.app.state.briefings.of_job(job, caller, form, request.query_params["lang"])
        try:
            return Response(await made, media_type="application/octet-stream")
        except Problem as problem:
            return response(problem)

    async def awake(request: Request) -> Response:
        await request.app.state.place.runner.warm()
        return Response(status_code=204)

    return Starlette(
        lifespan=lifespan,
        routes=[
            Route("/awake", awake),
            pictures(settings.rasters),
            Route("/processes", handled(handlers.describe_processes)),
            Route("/processes/{process}", handled(handlers.describe_processes, "process")),
            Route(
                "/processes/{process}/execution",
                handled(handlers.execute_process, "process"),
                methods=["POST"],
            ),
            Route("/jobs", handled(handlers.get_jobs)),
            Route("/jobs/{job}", handled(handlers.get_jobs, "job"), methods=["GET"]),
            Route("/jobs/{job}", handled(handlers.delete_job, "job"), methods=["DELETE"]),
            Route("/jobs/{job}/results", handled(handlers.get_job_result, "job")),
            Route("/briefing/{job}.{form}", briefing),
        ],
    )


def _configuration(province: Province, origin: str) -> dict[str, Any]:
    """pygeoapi's configuration, as its file would say it."""
    return {
        "server": {
            "url": f"{origin}/ogc",
            "languages": ["vi-VN", "en-US"],
            "limits": {"default_items": LISTED, "max_items": 1000, "on_exceed": "throttle"},
            "manager": {"name": "api.analysis.manager.Manager"},
        },
        "logging": {"level": "ERROR"},
        "metadata": {
            "identification": {"title": {"vi": province.full_name.vi, "en": province.full_name.en}}
        },
        "resources": {
            name: {
                "type": "process",
                "processor": {"name": "api.analysis.manager.Processor", "process": name},
            }
            for name in PROCESSES
        },
    }


async def _without_result(request: Request, function: Callable[..., Any]) -> Response | None:
    """What there is to say of a result that never will be; pygeoapi does not tell why."""
    if function is not handlers.get_job_result:
        return None
    try:
        job = await request.app.state.place.runner.find(UUID(request.path_params["job"]))
    except ValueError:
        return None
    if job is None or job.account_id not in (None, CALLER.get().account):
        return None
    problem = why_without(job)
    return None if problem is None else response(problem)


def _answer(headers: dict[str, str], status: int, content: Any, of_job: bool) -> Response:
    body = content.encode() if isinstance(content, str) else content
    kept = {
        name: value
        for name, value in headers.items()
        if name.lower() in ("content-type", "content-language", "location", "preference-applied")
    }
    if status < 400:
        kept.setdefault("Content-Type", "application/json")
        return Response(body, status, kept)
    said = orjson.loads(body)
    problem = Problem(status, str(said.get("description", "")), code=said.get("code"))
    # pygeoapi knows a code for the job that it does not find only where results are asked for.
    name = "no-such-job" if of_job and status == 404 else None
    name = _TYPES.get(said.get("code", ""), name)
    if name is not None:
        problem.members["type"] = f"{_EXCEPTIONS}/{name}"
    return response(problem)
