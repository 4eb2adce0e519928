"""The addresses of contact tracing."""

from __future__ import annotations

from starlette.routing import Route

from api.tracing import work
from api.tracing.operations import OPERATIONS

ROUTES = [
    # Before what may be a request's id.
    Route("/api/tracing/proximity", work.take, methods=["POST"]),
    Route("/api/tracing/{trace}/export", work.export, methods=["POST"]),
    *(Route(one.path, one.handler, methods=[one.method]) for one in OPERATIONS),
]
