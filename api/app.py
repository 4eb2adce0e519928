"""The application: `create_app(settings)` builds it, nothing is built at import."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

import starlette_compress
from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from api import (
    health,
    problems,
)
from api.analysis import front
from api.cache import AnswerCache
from api.directives.records import ID as RECORDS
from api.ending import on_ending
from api.identify import Identify
from api.observe import Metrics, Observe
from api.ogc import html
from api.ogc.operations import Operation
from api.ogc.routes import OPERATIONS
from api.purges import purges
from api.routes import ROUTES
from api.services import Services
from api.settings import ROOT, Settings
from layers import network as assets
from layers.catalogue import CATALOGUE, Catalogue
from layers.checkins import keeping as check_ins
from layers.counts import Counts
from layers.database import Database, DatabaseUnavailable, QueryTooSlow, RuleRefused
from layers.deltas import ChangeReader
from layers.feed import Feed
from layers.outbreaks.keeping import Computing
from layers.province import load_province
from layers.refusals import CONTENTION, Contended
from layers.stream import Stream
from layers.upkeep import Upkeep
from layers.vaccinating import keeping as vaccination
from layers.webhooks import Webhooks
from spatial.crs import listed_crs

for _type in (
    "application/atom+xml",
    "application/cap+xml",
    "application/geo+json",
    "application/geo+json-seq",
    "application/problem+json",
    "application/schema+json",
    "application/vnd.mapbox-vector-tile",
    "application/vnd.mapbox.style+json",
    "application/vnd.oai.openapi+json",
    "application/x-protobuf",
):
    starlette_compress.add_compress_type(_type)
# A compressor for each open stream would take more memory than all else a viewer needs.
starlette_compress.remove_compress_type("text/event-stream")


def create_app(settings: Settings | None = None, catalogue: Catalogue = CATALOGUE) -> Application:
    """The application of a worker.

    Args:
        settings: read from the environment if not given.
        catalogue: the layers to serve.
    """
    settings = settings or Settings()
    metrics = Metrics()
    app = FastAPI(
        title="Dieuhanh",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=_lifespan(settings, catalogue),
        routes=ROUTES,
        middleware=[
            Middleware(
                CORSMiddleware, allow_origins=["*"], allow_methods=["*"], allow_headers=["*"]
            )
        ],
    )
    for error in (
        problems.Problem,
        HTTPException,
        DatabaseUnavailable,
        QueryTooSlow,
        RuleRefused,
        Contended,
        *CONTENTION,
    ):
        app.add_exception_handler(error, html.answer)
    app.add_exception_handler(ClientDisconnect, problems.left)
    app.state.metrics = metrics
    routed = _Routed(app)
    observed = Observe(
        Identify(
            _Compressed(routed),
            lambda: getattr(app.state, "services", None),
        ),
        metrics=metrics,
        access_log=settings.access_log,
        answer_error=html.answer,
    )
    cache = AnswerCache(
        observed,
        megabytes=settings.cache_mb,
        build=_build(settings),
        answered=observed.cached,
    )
    app.state.cache = cache
    health.watch(app.state)

    return Application(app, cache)


class Application:
    """The ASGI application.

    Attributes:
        cache: its outermost layer, which the server may ask before it begins a request.
    """

    def __init__(self, app: ASGIApp, cache: AnswerCache) -> None:
        self._app = app
        self.cache = cache

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = self.cache if scope["type"] == "http" else self._app
        await app(scope, receive, send)


def _lifespan(settings: Settings, catalogue: Catalogue) -> Any:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        province = load_province(ROOT / "data" / "provinces" / settings.province)
        zone = province.time_zone.key
        database = Database(
            settings.database_url,
            pool_size=settings.pool_size,
            statement_timeout=settings.statement_timeout,
            acquire_timeout=settings.statement_timeout,
        )
        feed = Feed(settings.database_url)
        # The command has seen the database: one that is away now is being started again.
        await database.open(must_answer=False)
        await feed.open()
        upkeep = Upkeep(
            settings.database_url,
            feed,
            catalogue.values(),
            feed_days=settings.feed_days,
            purges=(*purges(settings), check_ins.Purging(settings.check_in_keep_days, zone)),
            looks=(
                assets.find_silent,
                check_ins.Counting(zone),
                vaccination.Counting(),
                Computing(settings.database_url),
            ),
        )
        upkeep.open()
        app.state.services = Services(
            settings,
            province,
            catalogue,
            database,
            feed,
            Counts(feed),
            listed_crs(province.crs_srids),
        )
        app.state.signer = settings.load_signer()
        app.state.cache.feed = feed
        app.state.changes = ChangeReader(database, catalogue)
        app.state.stream = Stream(feed, app.state.changes, settings.live_viewers)
        on_ending(app.state.stream.end)
        webhooks = Webhooks(
            database,
            feed,
            app.state.changes,
            private=settings.webhook_private,
            days=settings.webhook_days,
        )
        webhooks.open()
        waking = asyncio.create_task(
            front.wake(database, early=settings.analysis_early), name="analysis"
        )
        try:
            yield
        finally:
            waking.cancel()
            await webhooks.close()
            await app.state.stream.close()
            await upkeep.close()
            await feed.close()
            await database.close()

    return lifespan


class _Resource:
    """The operations at one path as an ASGI application; their errors are left to `Observe`."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        self._handlers = {operation.method: operation.handler for operation in operations}
        methods = [*self._handlers, *(["HEAD"] if "GET" in self._handlers else []), "OPTIONS"]
        self._allow = ", ".join(dict.fromkeys(methods))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        method = "GET" if scope["method"] == "HEAD" else scope["method"]
        handler = self._handlers.get(method)
        if handler is not None:
            # What the metrics name it by.
            scope["endpoint"] = handler
            response = await handler(Request(scope, receive, send))
        elif method == "OPTIONS":
            response = Response(status_code=204, headers={"Allow": self._allow})
        else:
            raise problems.Problem(
                405,
                f"{scope['method']} is not possible here; {self._allow} are.",
                headers={"Allow": self._allow},
            )
        await response(scope, receive, send)


class _Compressed:
    """Compresses answers of 1 KB or more for clients that take it; others bypass the middleware."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._compressing = starlette_compress.CompressMiddleware(app, minimum_size=1024)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        accepts = any(name == b"accept-encoding" for name, _ in scope["headers"])
        await (self._compressing if accepts else self._app)(scope, receive, send)


class _Routed:
    """Sends requests of the OGC API straight to their routes, all else through FastAPI.

    FastAPI's stack costs a read of one feature more than its query does, and gives it nothing:
    errors become problems in `Observe`, and headers for other origins are set there.
    """

    def __init__(self, app: FastAPI) -> None:
        self._app = app
        self._handlers = {operation.name: operation.handler for operation in OPERATIONS}
        paths: dict[str, list[Operation]] = {}
        for operation in OPERATIONS:
            # An id may hold a slash, which the address then carries encoded.
            path = f"/ogc{operation.path.replace('{feature}', '{feature:path}')}"
            paths.setdefault(path, []).append(operation)
        # What may hold anything comes after what says more.
        ordered = sorted(paths, key=lambda path: path.endswith("{feature:path}"))
        routes = [Route(path, _Resource(paths[path])) for path in ordered]
        self._router = Router(routes, redirect_slashes=False, default=app)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["app"] = self._app
        found = _hot(scope)
        if found is not None:
            name, scope["path_params"] = found
            handler = scope["endpoint"] = self._handlers[name]
            response = await handler(Request(scope, receive, send))
            await response(scope, receive, send)
            return
        # The middleware that answers a browser's preflight is in FastAPI's stack.
        preflight = any(name == b"access-control-request-method" for name, _ in scope["headers"])
        if preflight or not scope["path"].startswith("/ogc"):
            await self._app(scope, receive, send)
        else:
            await self._router(scope, receive, send)


def _hot(scope: Scope) -> tuple[str, dict[str, str]] | None:
    """The operation and path parameters of the three reads that most requests are for.

    Splitting the path costs a fifth of what matching it against the routes does.
    """
    if scope["method"] not in ("GET", "HEAD"):
        return None
    parts = scope["path"].split("/")
    if len(parts) < 5 or parts[1] != "ogc" or parts[2] != "collections" or parts[3] == RECORDS:
        return None
    if parts[4] == "items":
        if len(parts) == 5:
            return "items", {"layer": parts[3]}
        if len(parts) == 6:
            return "feature", {"layer": parts[3], "feature": parts[5]}
        return None
    if parts[4] == "tiles" and len(parts) == 9:
        names = ("layer", "tms", "z", "row", "col")
        return "tile", dict(zip(names, (parts[3], *parts[5:]), strict=True))
    return None


def _build(settings: Settings) -> str:
    """A digest that changes with the code, the styles, the web files and the settings."""
    digest = hashlib.sha256(settings.model_dump_json(exclude={"database_url"}).encode())
    for folder in ("api", "layers", "spatial", "styles", "web/dist"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file() and path.suffix != ".pyc":
                stat = path.stat()
                digest.update(f"{path.name}{stat.st_size}{stat.st_mtime_ns}".encode())
    return digest.hexdigest()
