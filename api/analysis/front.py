"""The way from a worker to the analysis process, and the operations that lead there.

The libraries of analysis would treble a worker's memory. They are in a process of their own, which
the server starts when somebody first knocks at its socket: a worker does, soon after its start.
"""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import orjson
from starlette.requests import Request
from starlette.responses import Response

from api.callers import caller_of
from api.negotiation import language
from api.problems import Problem
from api.services import origin, services
from layers.analysis import keeping
from layers.database import Database, DatabaseUnavailable

if TYPE_CHECKING:
    import httpx

SOCKET = "DIEUHANH_ANALYSIS_SOCKET"
"""The environment variable with the path of the socket, which the server sets for its workers."""
CALLER_HEADER = "x-dieuhanh-caller"
ORIGIN_HEADER = "x-dieuhanh-origin"

_STARTING = 30.0
"""Seconds that the process may take to start, beyond what a request may wait for its job."""
_SERVED_FIRST = 3.0
"""Seconds after its start in which a server has others to serve."""
_PAUSE = 1.0
"""Seconds until a database that is away is asked again."""
_KEPT = ("content-type", "content-language", "location", "preference-applied")


async def forward(request: Request, body: bytes = b"", seconds: float | None = None) -> Response:
    """Ask the analysis process what the client asks.

    Args:
        body: the body of the request, checked as far as it can be here.
        seconds: that the answer may take; that a request may wait for its job, if not given.

    Raises:
        Problem: 503, it cannot be reached.
    """
    import httpx  # large, and few workers are ever asked

    served = services(request)
    path = request.url.path.removeprefix("/ogc")
    headers = {
        CALLER_HEADER: orjson.dumps(caller_of(request).to_json()).decode(),
        ORIGIN_HEADER: origin(request),
    }
    if "prefer" in request.headers:
        headers["prefer"] = request.headers["prefer"]
    wait = served.settings.analysis_wait if seconds is None else seconds
    query = [(k, v) for k, v in request.query_params.multi_items() if k not in ("f", "lang")]
    try:
        answer = await _client(request).request(
            request.method,
            f"http://analysis{quote(path)}",
            params=[*query, ("f", "json"), ("lang", language(request))],
            content=body,
            headers=headers,
            timeout=httpx.Timeout(_STARTING, read=wait + _STARTING),
        )
    except (httpx.HTTPError, KeyError) as error:
        raise _unreachable() from error
    kept = {name: answer.headers[name] for name in _KEPT if name in answer.headers}
    return Response(answer.content, answer.status_code, {**kept, "Cache-Control": "no-store"})


async def ask(request: Request, path: str, wanted: Any) -> tuple[int, bytes]:
    """Let the analysis process do what a worker has made of a request.

    Args:
        wanted: goes as JSON.

    Returns:
        The status, and the body.

    Raises:
        Problem: 503, it cannot be reached.
    """
    import httpx  # large, and few workers are ever asked

    try:
        answer = await _client(request).post(
            f"http://analysis{path}", content=orjson.dumps(wanted), timeout=2 * _STARTING
        )
    except (httpx.HTTPError, KeyError) as error:
        raise _unreachable() from error
    return answer.status_code, answer.content


def _unreachable() -> Problem:
    return Problem(
        503,
        "Analysis cannot be reached at the moment; try again shortly.",
        headers={"Retry-After": "5"},
    )


async def wake(database: Database, *, early: bool) -> None:
    """Wake the analysis process if jobs are left from before; it then goes on with them.

    Args:
        early: wake it in any case, once whoever waited for the server has been served, so that
            the first analysis does not wait for it.
    """
    is_left = await _is_left(database)
    if early and not is_left:
        await asyncio.sleep(_SERVED_FIRST)
    if (early or is_left) and SOCKET in os.environ:
        import httpx

        async with _connected() as client:
            with suppress(httpx.HTTPError):
                await client.get("http://analysis/awake", timeout=_STARTING)


async def _is_left(database: Database) -> bool:
    """Whether jobs are left from before, however long the database takes to say."""
    while True:
        try:
            async with database.serving() as connection:
                return await keeping.is_left(connection)
        except DatabaseUnavailable:
            await asyncio.sleep(_PAUSE)


def _client(request: Request) -> httpx.AsyncClient:
    """This worker's connections to the process."""
    state: Any = request.app.state
    client: httpx.AsyncClient | None = getattr(state, "analysis", None)
    if client is None:
        client = state.analysis = _connected()
    return client


def _connected() -> httpx.AsyncClient:
    """A client of the process's socket; it loads no certificates, which no socket has."""
    import httpx

    transport = httpx.AsyncHTTPTransport(uds=os.environ[SOCKET], verify=False)
    return httpx.AsyncClient(transport=transport)
