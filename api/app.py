"""The application: `create_app(settings)` builds it, nothing is built at import."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import starlette_compress
from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from api import health, mapdata, pages, problems
from api.cache import AnswerCache
from api.disconnect import CancelOnDisconnect
from api.observe import Metrics, Observe
from api.ogc import html
from api.ogc.routes import OPERATIONS
from api.services import Services
from api.settings import ROOT, Settings
from layers.catalogue import CATALOGUE, Catalogue
from layers.counts import Counts
from layers.database import Database, DatabaseUnavailable, QueryTooSlow
from layers.feed import Feed
from layers.province import load_province
from layers.upkeep import Upkeep
from spatial.crs import listed_crs

for _type in (
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


def create_app(settings: Settings | None = None, catalogue: Catalogue = CATALOGUE) -> ASGIApp:
    """The ASGI application.

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
        routes=[*mapdata.ROUTES, *health.ROUTES, *pages.ROUTES],
        middleware=[
            Middleware(
                CORSMiddleware, allow_origins=["*"], allow_methods=["*"], allow_headers=["*"]
            )
        ],
    )
    for error in (problems.Problem, HTTPException, DatabaseUnavailable, QueryTooSlow):
        app.add_exception_handler(error, html.answer)
    app.state.metrics = metrics
    routed = _Routed(app)
    observed = Observe(
        CancelOnDisconnect(_Compressed(routed)),
        metrics=metrics,
        access_log=settings.access_log,
        answer_error=html.answer,
    )
    cache = AnswerCache(
        observed,
        feed=lambda: getattr(getattr(app.state, "services", None), "feed", None),
        megabytes=settings.cache_mb,
        build=_build(settings),
        answered=observed.cached,
    )
    app.state.cache = cache
    health.watch(app.state)

    async def entry(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await cache(scope, receive, send)
        else:
            await app(scope, receive, send)

    return entry


def _lifespan(settings: Settings, catalogue: Catalogue) -> Any:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        province = load_province(ROOT / "data" / "provinces" / settings.province)
        database = Database(
            settings.database_url,
            pool_size=settings.pool_size,
            statement_timeout=settings.statement_timeout,
            acquire_timeout=settings.statement_timeout,
        )
        feed = Feed(settings.database_url)
        await database.open()
        await feed.open()
        upkeep = Upkeep(settings.database_url, feed, catalogue.values())
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
        try:
            yield
        finally:
            await upkeep.close()
            await feed.close()
            await database.close()

    return lifespan


class _Endpoint:
    """A handler as an ASGI application; its errors are left to `Observe`."""

    def __init__(self, handler: Callable[[Request], Awaitable[Response]]) -> None:
        self._handler = handler
        self.__name__ = getattr(handler, "__name__", type(handler).__name__)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = await self._handler(Request(scope, receive, send))
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
        # An id may hold a slash, which the address then carries encoded.
        routes = [
            Route(
                f"/ogc{operation.path.replace('{feature}', '{feature:path}')}",
                _Endpoint(operation.handler),
                methods=["GET"],
                name=operation.name,
            )
            for operation in OPERATIONS
        ]
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
        elif scope["method"] == "OPTIONS" and self._has(scope):
            allowed = Response(status_code=204, headers={"Allow": "GET, HEAD, OPTIONS"})
            await allowed(scope, receive, send)
        else:
            await self._router(scope, receive, send)

    def _has(self, scope: Scope) -> bool:
        return any(route.matches(scope)[0] is not Match.NONE for route in self._router.routes)


def _hot(scope: Scope) -> tuple[str, dict[str, str]] | None:
    """The operation and path parameters of the three reads that most requests are for.

    Splitting the path costs a fifth of what matching it against the routes does.
    """
    if scope["method"] not in ("GET", "HEAD"):
        return None
    parts = scope["path"].split("/")
    if len(parts) < 5 or parts[1] != "ogc" or parts[2] != "collections":
        return None
    if parts[4] == "items":
        if len(parts) == 5:
            return "items", {"layer": parts[3]}
        return "feature", {"layer": parts[3], "feature": "/".join(parts[5:])}
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
